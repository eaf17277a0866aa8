// ContentCheck: hashes pieces that lie on disk and nobody vouches for, through the HashQueue, as many at a
// time as keep its jobs busy. First the files are looked at again: from then on they are watched as they are.
// Owner: PieceStore. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <functional>
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
    // The files were looked at; gives the pieces to be hashed.
    virtual metainfo::Bitfield on_check_begun() = 0;
    virtual void on_checked(std::span<const metainfo::PieceIndex> pieces) = 0;  // those are right
    virtual void on_unread(metainfo::PieceIndex piece, const Error& why) = 0;   // it may be right
    virtual void on_check_done(std::move_only_function<void(Result<void>)> done) = 0;
};

class ContentCheck final : public HashClient, public std::enable_shared_from_this<ContentCheck> {
  public:
    using Done = std::move_only_function<void(Result<void>)>;

    // done: for on_check_done().
    ContentCheck(io::World& world, Resources& resources, std::shared_ptr<FileSet> files,
                 std::shared_ptr<const metainfo::Metainfo> metainfo, Done done, CheckOwner& owner);
    void detach() { owner_ = nullptr; }

    void start();
    // Nothing is told of that piece: what is read of it is not what lies there now. False: nothing would be.
    bool leave(metainfo::PieceIndex piece) { return pieces_.reset(piece); }
    // Of which it is to tell still; none before the files were looked at.
    const metainfo::Bitfield& pieces() const { return pieces_; }
    // 0 before it knows.
    std::uint64_t bytes_total() const { return total_; }
    std::uint64_t bytes_done() const { return done_; }

  private:
    void on_hashed(std::span<PieceTask> tasks) override;
    void begin();
    void refill();

    io::World& world_;
    Resources& resources_;
    const std::shared_ptr<FileSet> files_;
    const std::shared_ptr<const metainfo::Metainfo> metainfo_;
    Done on_done_;
    CheckOwner* owner_;
    metainfo::Bitfield pieces_;
    std::optional<metainfo::PieceIndex> next_;
    std::size_t under_way_ = 0;
    std::uint64_t total_ = 0;  // bytes
    std::uint64_t done_ = 0;
};

}  // namespace spate::piece_store
