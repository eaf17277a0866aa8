// ContentCheck: hashes pieces that lie on disk and nobody vouches for, through the HashQueue, as many at a
// time as keep its jobs busy. Owner: PieceStore. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "io/world.h"
#include "piece_store/file_set.h"
#include "piece_store/hash_queue.h"
#include "piece_store/resources.h"

namespace spate::piece_store {

class CheckOwner {
  public:
    virtual ~CheckOwner() = default;
    virtual void on_checked(std::span<const metainfo::PieceIndex> pieces) = 0;  // those are right
    virtual void on_check_done() = 0;
};

class ContentCheck final : public HashClient, public std::enable_shared_from_this<ContentCheck> {
  public:
    ContentCheck(io::World& world, Resources& resources, std::shared_ptr<FileSet> files,
                 std::shared_ptr<const metainfo::Metainfo> metainfo, metainfo::Bitfield pieces,
                 CheckOwner& owner);
    void detach() { owner_ = nullptr; }

    void start();
    std::uint64_t bytes_total() const { return total_; }
    std::uint64_t bytes_done() const { return done_; }

  private:
    void on_hashed(std::span<PieceTask> tasks) override;
    void refill();

    io::World& world_;
    Resources& resources_;
    const std::shared_ptr<FileSet> files_;
    const std::shared_ptr<const metainfo::Metainfo> metainfo_;
    const metainfo::Bitfield pieces_;
    CheckOwner* owner_;
    std::optional<metainfo::PieceIndex> next_;
    std::size_t under_way_ = 0;
    std::uint64_t total_ = 0;  // bytes
    std::uint64_t done_ = 0;
};

}  // namespace spate::piece_store
