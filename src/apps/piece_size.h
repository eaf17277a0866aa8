// Piece sizes as people write them: "256k", "1M", "4MiB" or bytes; binary with or without the "i". Powers of
// two of at least 16 KiB, which v2 demands (BEP 52) and every client takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace spate::apps {

std::optional<std::uint64_t> parse_piece_size(std::string text);
// For CLI11: empty, or what is wrong.
std::string check_piece_size(const std::string& text);

}  // namespace spate::apps
