// FileImage: the content of a file as sparse pages. A copy shares pages until one side writes.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>

#include "base/bytes.h"

namespace spate::sim {

inline constexpr std::uint64_t page_size = 4096;
inline constexpr std::uint64_t sector_size = 512;

struct FileImage {
    using Page = std::array<std::uint8_t, page_size>;
    std::map<std::uint64_t, std::shared_ptr<Page>> pages;  // by number; one that is missing is all zeros
    std::uint64_t size = 0;

    std::size_t read(std::uint64_t offset, MutableBytes into) const;
    // Whether those bytes are there, without a copy.
    bool holds(std::uint64_t offset, Bytes bytes) const;
    // Part of one page; makes it if missing. Does not move the size.
    void write_in_page(std::uint64_t offset, Bytes data);
    // Cutting leaves no old bytes behind, should it grow again.
    void resize(std::uint64_t new_size);
    // A page that only this image has.
    Page& own_page(std::uint64_t number);
};

}  // namespace spate::sim
