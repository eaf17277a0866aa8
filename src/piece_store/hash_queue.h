// HashQueue: pieces of all torrents that wait to be hashed and written. A batch of as many pieces as the
// fastest kernel has lanes is one pool job: full lanes hash several times faster than one piece at a time. At
// speeds where that matters (busy_rate) the queue waits up to wait_max for a batch to fill; when pieces come
// too slowly for that to happen, or memory is wanted, or nobody will bring another soon (hurry), it does not
// wait. One completion tells all pieces of a batch, one call a store.
// Limits: `jobs` batches under way; what waits is held by the BufferBudget.
// Thread: the reactor's.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "io/world.h"
#include "piece_store/piece_hasher.h"

namespace spate::piece_store {

class HashClient {
  public:
    virtual ~HashClient() = default;
    virtual void on_hashed(std::span<PieceTask> tasks) = 0;
};

class HashQueue {
  public:
    static constexpr Duration wait_max = std::chrono::milliseconds(80);
    static constexpr int company_min = 4;  // pieces within wait_max, or it is not worth the wait
    static constexpr std::uint64_t busy_rate = 64 << 20;  // bytes a second: alone it is 4 % of a core

    HashQueue(io::World& world, BufferBudget& budget, unsigned jobs);
    ~HashQueue();
    HashQueue(const HashQueue&) = delete;
    HashQueue& operator=(const HashQueue&) = delete;

    // A client that is gone by then hears nothing.
    void submit(std::weak_ptr<HashClient> client, PieceTask task);
    void hurry();
    std::size_t waiting() const { return waiting_.size(); }

  private:
    struct Waiting {
        std::weak_ptr<HashClient> client;
        PieceTask task;
        TimePoint since;
    };
    struct Batch;
    bool worth_waiting(const PieceTask& task) const;
    void pump();
    void start();
    void finished(const std::shared_ptr<Batch>& batch);

    io::World& world_;
    BufferBudget& budget_;
    const unsigned jobs_;
    const std::size_t full_;  // pieces of a batch worth waiting for
    unsigned busy_ = 0;
    bool at_once_ = false;  // what waits does not wait for company
    std::deque<Waiting> waiting_;
    std::vector<std::shared_ptr<Batch>> idle_;  // with hashers that keep their memory
    TimePoint last_submit_{};
    Duration interval_ = std::chrono::seconds(1);  // between pieces, smoothed
    std::uint64_t mean_size_ = 0;                  // of pieces, smoothed
    std::unique_ptr<io::Timer> timer_;
    std::shared_ptr<HashQueue*> self_;  // null once it is gone
};

}  // namespace spate::piece_store
