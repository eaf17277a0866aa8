#include "apps/piece_size.h"

#include <string_view>

#include "apps/size_text.h"
#include "metainfo/limits.h"

namespace spate::apps {

std::optional<std::uint64_t> parse_piece_size(std::string text) {
    if (!text.empty() && std::string_view("kKmMgG").find(text.back()) != std::string_view::npos) text += "iB";
    return parse_size(text);
}

std::string check_piece_size(const std::string& text) {
    const auto size = parse_piece_size(text);
    if (!size || *size == 0) return "'" + text + "' is no piece size, for example 256k or 4M";
    return *size <= metainfo::piece_length_max ? "" : "'" + text + "' is more than 512M";
}

}  // namespace spate::apps
