#include "engine/output_queue.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace spate::engine {
namespace {
constexpr std::size_t parts_max = 64;          // io::Stream::write looks at no more
constexpr std::size_t reclaim_at = 64 * 1024;  // octets of messages that are sent and still kept
}  // namespace

void OutputQueue::push_block(const wire::BlockRequest& request, piece_store::BlockView view) {
    const auto header = wire::piece_header(request);
    messages_.insert(messages_.end(), header.begin(), header.end());
    const std::size_t size = view.bytes().size();
    SPATE_ASSERT(size <= request.length);
    block_bytes_ += size;
    const bool follows = first_block_ < blocks_.size() && blocks_.back().view.shares_window(view);
    const std::size_t pinned = follows ? 0 : view.memory();
    pinned_ += pinned;
    blocks_.push_back({messages_.size(), request, std::move(view), pinned});
    messages_.insert(messages_.end(), request.length - size, 0);
}

bool OutputQueue::remove_block(const wire::BlockRequest& request, std::uint64_t& looked_at) {
    for (std::size_t i = first_block_; i < blocks_.size(); ++i) {
        ++looked_at;
        const Block& block = blocks_[i];
        const std::size_t header = block.after - wire::piece_header_size;
        if (block.request != request || block.after < messages_sent_ + wire::piece_header_size) continue;
        const std::size_t size = block.view.bytes().size();
        const std::size_t octets = wire::piece_header_size + request.length - size;
        const bool keeps_window = i + 1 < blocks_.size() && blocks_[i + 1].view.shares_window(block.view);
        if (keeps_window)
            blocks_[i + 1].pinned += block.pinned;
        else
            pinned_ -= block.pinned;
        block_bytes_ -= size;
        messages_.erase(messages_.begin() + static_cast<std::ptrdiff_t>(header),
                        messages_.begin() + static_cast<std::ptrdiff_t>(header + octets));
        blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(i));
        for (std::size_t later = i; later < blocks_.size(); ++later) blocks_[later].after -= octets;
        reclaim();
        return true;
    }
    return false;
}

std::size_t OutputQueue::gather(std::span<Bytes> parts) const {
    std::size_t count = 0;
    std::size_t at = messages_sent_;
    const Bytes messages(messages_);
    for (std::size_t i = first_block_; i < blocks_.size() && count + 2 <= parts.size(); ++i) {
        const Block& block = blocks_[i];
        if (block.after > at) parts[count++] = messages.subspan(at, block.after - at);
        at = block.after;
        parts[count++] = block.view.bytes().subspan(i == first_block_ ? block_sent_ : 0);
        if (i + 1 == blocks_.size() && at < messages.size() && count < parts.size())
            parts[count++] = messages.subspan(at);
    }
    if (first_block_ == blocks_.size() && at < messages.size()) parts[count++] = messages.subspan(at);
    return count;
}

void OutputQueue::take(std::size_t count, Written& written) {
    written.bytes += count;
    while (count > 0) {
        const std::size_t until =
            first_block_ < blocks_.size() ? blocks_[first_block_].after : messages_.size();
        const std::size_t octets = std::min(count, until - messages_sent_);
        messages_sent_ += octets;
        count -= octets;
        if (count == 0) break;
        Block& block = blocks_[first_block_];
        const std::size_t bytes = std::min(count, block.view.bytes().size() - block_sent_);
        block_sent_ += bytes;
        block_bytes_ -= bytes;
        written.block_bytes += bytes;
        count -= bytes;
        if (block_sent_ < block.view.bytes().size()) continue;
        block.view = {};
        pinned_ -= block.pinned;
        block_sent_ = 0;
        ++first_block_;
    }
    reclaim();
}

void OutputQueue::reclaim() {
    if (first_block_ == blocks_.size()) {
        blocks_.clear();
        first_block_ = 0;
    } else if (first_block_ > blocks_.size() / 2) {
        blocks_.erase(blocks_.begin(), blocks_.begin() + static_cast<std::ptrdiff_t>(first_block_));
        first_block_ = 0;
    }
    if (messages_sent_ == messages_.size()) {
        messages_.clear();
        messages_sent_ = 0;
        for (Block& block : blocks_) block.after = 0;
    } else if (messages_sent_ >= reclaim_at) {
        messages_.erase(messages_.begin(), messages_.begin() + static_cast<std::ptrdiff_t>(messages_sent_));
        for (Block& block : blocks_) block.after -= std::min(block.after, messages_sent_);
        messages_sent_ = 0;
    }
}

Result<OutputQueue::Written> OutputQueue::write(io::Stream& stream) {
    Written written;
    while (!empty()) {
        std::array<Bytes, parts_max> parts;
        const std::size_t count = gather(parts);
        const auto done = stream.write(std::span(parts).first(count));
        if (!done) return fail(std::move(done.error()));
        if (done->would_block) {
            written.blocked = true;
            break;
        }
        take(done->count, written);
    }
    return written;
}

}  // namespace spate::engine
