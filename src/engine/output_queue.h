// OutputQueue: what is to be sent to one peer, in order: messages as octets, and blocks as views of the
// store's windows, that go out in gathered writes without being copied. Unbounded by itself: who pushes
// blocks looks at size(). Owner: PeerConnection. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <vector>

#include "io/stream.h"
#include "piece_store/block_view.h"
#include "wire/write.h"

namespace spate::engine {

class OutputQueue {
  public:
    // To append messages to.
    wire::Buffer& messages() { return messages_; }
    void push_block(const wire::BlockRequest& request, piece_store::BlockView view);
    // Takes back a block of which nothing was sent yet; adds those it looked at to `looked_at`.
    bool remove_block(const wire::BlockRequest& request, std::uint64_t& looked_at);

    std::size_t size() const { return block_bytes_ + messages_.size() - messages_sent_; }
    std::size_t message_bytes() const { return messages_.size() - messages_sent_; }
    bool empty() const { return size() == 0; }
    // Memory of the windows that the blocks keep, one that follows itself counted once.
    std::size_t pinned() const { return pinned_; }

    struct Written {
        std::size_t bytes = 0;
        std::size_t block_bytes = 0;  // of these
        bool blocked = false;         // the rest when the stream is writable
    };
    // As much as the stream takes.
    Result<Written> write(io::Stream& stream);

  private:
    struct Block {
        std::size_t after = 0;  // so many octets of messages_ come before it
        wire::BlockRequest request;
        piece_store::BlockView view;
        std::size_t pinned = 0;
    };
    std::size_t gather(std::span<Bytes> parts) const;
    void take(std::size_t count, Written& written);
    void reclaim();

    wire::Buffer messages_;
    std::size_t messages_sent_ = 0;
    std::vector<Block> blocks_;  // from first_block_ on: not sent in full
    std::size_t first_block_ = 0;
    std::size_t block_sent_ = 0;   // of the first
    std::size_t block_bytes_ = 0;  // waiting, of all
    std::size_t pinned_ = 0;
};

}  // namespace spate::engine
