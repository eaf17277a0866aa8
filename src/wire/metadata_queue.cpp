#include "wire/metadata_queue.h"

#include <algorithm>

#include "wire/limits.h"

namespace spate::wire {

bool MetadataQueue::push(const MetadataRequest& request) {
    if (waiting_.size() == metadata_queue_max) return false;
    waiting_.push_back(request.block);
    return true;
}

std::optional<std::variant<MetadataData, MetadataReject>> MetadataQueue::next(Bytes info) {
    if (waiting_.empty()) return std::nullopt;
    const std::uint32_t block = waiting_.front();
    waiting_.pop_front();
    const std::size_t at = std::size_t{block} * metadata_block_size;
    const bool enough = served_ >= std::uint64_t{info.size()} * metadata_serves_max;
    if (at >= info.size() || info.size() > metadata_bytes_max || enough) return MetadataReject{block};
    const Bytes bytes = info.subspan(at, std::min<std::size_t>(metadata_block_size, info.size() - at));
    served_ += bytes.size();
    return MetadataData{block, static_cast<std::uint32_t>(info.size()), bytes};
}

}  // namespace spate::wire
