#include "wire/piece_layer_fetch.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>
#include <utility>

#include "base/assert.h"
#include "wire/limits.h"

namespace spate::wire {
namespace {

constexpr Duration answer_time = std::chrono::seconds(20);
constexpr Duration rest_time = std::chrono::minutes(1);
constexpr Duration patience = std::chrono::seconds(2);  // then idle peers are asked for it too

// Hashes of one request: all of a short layer, padded to a power of two.
std::uint32_t chunk_length(const HashTree& tree) {
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(hashes_asked_max, std::bit_ceil(tree.pieces())));
}

}  // namespace

PieceLayerFetch::PieceLayerFetch(const metainfo::Metainfo& torrent) {
    SPATE_ASSERT(torrent.info.has_v2());
    const metainfo::FileLayout& layout = torrent.info.layout;
    std::set<hash::Sha256> roots;  // files of equal content share one
    for (metainfo::FileIndex i; i.value < layout.files().size(); ++i) {
        const metainfo::File& file = layout.file(i);
        if (file.attributes.pad || file.size <= layout.piece_length()) continue;
        if (!torrent.piece_layers.find(file.pieces_root).empty() || !roots.insert(file.pieces_root).second)
            continue;
        File& wanted = files_.emplace_back();
        wanted.tree = hash_tree(layout, i);
        wanted.size = file.size;
        wanted.chunks.resize(metainfo::units(wanted.tree.pieces(), chunk_length(wanted.tree)));
        wanted.chunks_left = wanted.chunks.size();
        chunks_left_ += wanted.chunks_left;
    }
}

std::optional<HashRequest> PieceLayerFetch::next_request(SourceKey source, TimePoint now) {
    const auto rests = rests_until_.find(source);
    if (rests != rests_until_.end() && rests->second > now) return std::nullopt;
    if (std::ranges::count(asked_, source, &Asked::source) >= static_cast<std::ptrdiff_t>(hash_requests_max))
        return std::nullopt;
    for (std::size_t i = first_open_; i < files_.size(); ++i) {
        File& file = files_[i];
        const auto chunk = std::ranges::find(file.chunks, ChunkState::missing, &Chunk::state);
        if (chunk != file.chunks.end())
            return ask(source, i, static_cast<std::size_t>(chunk - file.chunks.begin()), now);
        if (i == first_open_) ++first_open_;
    }
    return second_request(source, now);
}

HashRequest PieceLayerFetch::ask(SourceKey source, std::size_t file, std::size_t chunk, TimePoint now) {
    Chunk& wanted = files_[file].chunks[chunk];
    wanted.state = ChunkState::asked;
    if (!wanted.since) wanted.since = now;
    const HashTree& tree = files_[file].tree;
    const std::uint32_t length = chunk_length(tree);
    const HashRequest request =
        request_of(tree, tree.piece_height, static_cast<std::uint32_t>(chunk) * length, length);
    asked_.push_back({source, request, file, now + answer_time});
    return request;
}

// Of what others have been asked for and did not give: one at a time, of a peer that has nothing else to do.
std::optional<HashRequest> PieceLayerFetch::second_request(SourceKey source, TimePoint now) {
    const auto works = [&](const Asked& asked) { return asked.source == source && !asked.late; };
    if (std::ranges::any_of(asked_, works)) return std::nullopt;
    const auto slow = std::ranges::find_if(
        asked_, [&](const Asked& asked) { return !asked.late && now - *chunk_of(asked).since >= patience; });
    if (slow == asked_.end()) return std::nullopt;
    return ask(source, slow->file, slow->request.index / slow->request.length, now);
}

std::vector<PieceLayerFetch::Asked>::iterator PieceLayerFetch::find(SourceKey source,
                                                                    const HashRequest& request) {
    return std::ranges::find_if(
        asked_, [&](const Asked& asked) { return asked.source == source && asked.request == request; });
}

CloseReason PieceLayerFetch::on_hashes(SourceKey source, const Hashes& message) {
    const auto found = find(source, message.request);
    if (found == asked_.end()) return CloseReason::unasked_hashes;
    const Asked asked = *found;
    asked_.erase(found);
    File& file = files_[asked.file];
    Chunk& chunk = chunk_of(asked);
    if (!verify_hashes(asked.request, file.tree, message.hashes)) {
        give_back(asked);
        return CloseReason::wrong_hashes;
    }
    if (chunk.state == ChunkState::there) return CloseReason::none;  // somebody else was faster
    chunk.state = ChunkState::there;
    for (Asked& other : asked_)  // nobody waits for it any more
        if (other.file == asked.file && other.request.index == asked.request.index) other.late = true;
    const std::size_t length = asked.request.length;
    if (file.hashes.empty()) file.hashes.resize(file.chunks.size() * length);
    std::memcpy(file.hashes.data() + asked.request.index, message.hashes.data(),
                length * sizeof(hash::Sha256));
    --chunks_left_;
    if (--file.chunks_left == 0) {
        file.hashes.resize(file.tree.pieces());
        ready_.push_back({file.tree.root, file.size, std::exchange(file.hashes, {})});
    }
    return CloseReason::none;
}

CloseReason PieceLayerFetch::on_reject(SourceKey source, const HashReject& message, TimePoint now) {
    const auto found = find(source, message.request);
    if (found == asked_.end()) return CloseReason::unasked_hashes;
    const Asked asked = *found;
    asked_.erase(found);
    give_back(asked);
    rests_until_[source] = now + rest_time;
    return CloseReason::none;
}

// It is missing again, unless another peer is asked for it too.
void PieceLayerFetch::give_back(const Asked& asked) {
    Chunk& chunk = chunk_of(asked);
    if (asked.late || chunk.state != ChunkState::asked) return;
    const auto same = [&](const Asked& other) {
        return &other != &asked && !other.late && other.file == asked.file &&
               other.request.index == asked.request.index;
    };
    if (std::ranges::any_of(asked_, same)) return;
    chunk.state = ChunkState::missing;
    first_open_ = std::min(first_open_, asked.file);
}

void PieceLayerFetch::remove_source(SourceKey source) {
    for (const Asked& asked : asked_)
        if (asked.source == source) give_back(asked);
    std::erase_if(asked_, [&](const Asked& asked) { return asked.source == source; });
    rests_until_.erase(source);
}

void PieceLayerFetch::on_timeout(TimePoint now) {
    std::erase_if(rests_until_, [&](const auto& rest) { return rest.second <= now; });
    for (Asked& asked : asked_) {
        if (asked.late || asked.until > now) continue;
        give_back(asked);
        asked.late = true;
        rests_until_[asked.source] = now + rest_time;
    }
}

TimePoint PieceLayerFetch::next_timeout() const {
    TimePoint next = never;
    for (const auto& [source, until] : rests_until_) next = std::min(next, until);
    for (const Asked& asked : asked_)
        if (!asked.late) next = std::min(next, asked.until);
    return next;
}

std::vector<PieceLayerFetch::Layer> PieceLayerFetch::take_ready() {
    return std::exchange(ready_, {});
}

}  // namespace spate::wire
