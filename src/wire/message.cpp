#include "wire/message.h"

#include "wire/limits.h"

namespace spate::wire {

bool is_valid_request(const BlockRequest& block, const metainfo::FileLayout& layout) {
    if (block.piece.value >= layout.piece_count()) return false;
    const std::uint32_t size = layout.piece_size(block.piece);
    return block.length > 0 && block.length <= request_bytes_max && block.offset <= size &&
           block.length <= size - block.offset;
}

}  // namespace spate::wire
