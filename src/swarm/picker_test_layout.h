// Layouts for the tests of the picker and what stands on it.
#pragma once

#include <utility>

#include "metainfo/file_layout.h"

namespace spate::swarm {

inline metainfo::FileLayout one_file(std::uint64_t size, std::uint64_t piece_length) {
    std::vector<metainfo::File> files(1);
    files[0].size = size;
    files[0].path = "file";
    return *metainfo::FileLayout::make(std::move(files), {}, piece_length,
                                       metainfo::FileLayout::Alignment::none);
}

inline metainfo::FileLayout pieces_of_blocks(std::uint32_t pieces, std::uint32_t blocks) {
    const std::uint64_t length = std::uint64_t{blocks} * metainfo::block_size;
    return one_file(pieces * length, length);
}

}  // namespace spate::swarm
