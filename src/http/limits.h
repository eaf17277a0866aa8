// Limits of HTTP messages, both sides: what is beyond is refused with a reason.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/time.h"

namespace spate::http {

inline constexpr std::size_t head_bytes_max = 8 << 10;  // start line and header fields
inline constexpr std::size_t header_count_max = 100;
inline constexpr std::size_t target_bytes_max = 6 << 10;  // of a request; a scrape of 74 hashes
inline constexpr std::size_t url_bytes_max = 2 << 10;
inline constexpr std::size_t chunk_line_bytes_max = 1 << 10;  // a chunk's size line, and a trailer field
inline constexpr std::size_t informational_max = 4;           // 1xx replies before the real one
// For whoever owns a server's connection (reliability.md 71): from its first byte to the end of the head, and
// idle between two requests.
inline constexpr Duration head_time_limit = std::chrono::seconds(10);
inline constexpr Duration idle_time_limit = std::chrono::seconds(60);

}  // namespace spate::http
