#include "creation/content.h"

#include <algorithm>

namespace spate::creation {

bool Content::has(std::uint64_t offset, std::uint64_t size) const {
    return std::ranges::all_of(layout.slices(offset, size), [this](const metainfo::FileSlice& slice) {
        return slice.pad || slice.offset + slice.size <= places[slice.file.value].available;
    });
}

}  // namespace spate::creation
