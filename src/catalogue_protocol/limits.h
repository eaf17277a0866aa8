// Limits of the catalogue's HTTP messages, both sides (docs/protocols/catalogue.md).
#pragma once

#include <cstddef>

namespace spate::catalogue_protocol {

inline constexpr std::size_t metainfo_bytes_max = std::size_t{8} << 20;  // of one entry, as published
inline constexpr std::size_t description_bytes_max = 1'024;
inline constexpr std::size_t search_bytes_max = 200;
inline constexpr std::size_t page_entries_default = 100;
inline constexpr std::size_t page_entries_max = 1'000;
inline constexpr std::size_t page_bytes_max = std::size_t{4} << 20;  // what a client takes
inline constexpr std::size_t page_depth_max = 8;                     // of its JSON
inline constexpr std::size_t error_bytes_max = 1'024;                // of a refusal's sentence

}  // namespace spate::catalogue_protocol
