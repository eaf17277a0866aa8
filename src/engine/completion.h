// Completion: whether all that is wanted of a torrent is there for good: on the disk, and so is the state
// that says it, where one is kept; then it is told, once until something is missing again. Owner: Torrent.
// Thread: the reactor's.
#pragma once

#include <memory>

#include "engine/torrent_record.h"
#include "engine/torrent_status.h"

namespace spate::engine {

class CompletionOwner {
  public:
    virtual ~CompletionOwner() = default;
    // All that is wanted is there, and somebody wants to know.
    virtual bool is_whole() const = 0;
    // fetched: something was missing before.
    virtual void on_complete(bool fetched) = 0;
    // It is to be tried again.
    virtual void on_not_synced(const Error& error) = 0;
};

class Completion {
  public:
    // Both outlive it.
    Completion(TorrentRecord& record, CompletionOwner& owner) : record_(record), owner_(owner) {}
    ~Completion() { *alive_ = false; }
    Completion(const Completion&) = delete;
    Completion& operator=(const Completion&) = delete;

    void on_state(TorrentState state);
    // When it is_whole(): the rest follows.
    void sync(piece_store::PieceStore& store);
    // It was told, and nothing is under way.
    bool settled() const { return told_ && syncing_ == Syncing::no; }

  private:
    void on_synced(piece_store::PieceStore& store, const Result<void>& synced);

    TorrentRecord& record_;
    CompletionOwner& owner_;
    enum class Syncing : std::uint8_t { no, yes, once_more } syncing_ = Syncing::no;
    bool told_ = false;
    bool fetched_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::engine
