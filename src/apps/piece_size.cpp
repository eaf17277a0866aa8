#include "apps/piece_size.h"

#include <string_view>

#include "apps/size_text.h"
#include "metainfo/geometry.h"
#include "metainfo/limits.h"

namespace spate::apps {

std::optional<std::uint64_t> parse_piece_size(std::string text) {
    if (!text.empty() && std::string_view("kKmMgG").find(text.back()) != std::string_view::npos) text += "iB";
    return parse_size(text);
}

std::string check_piece_size(const std::string& text) {
    const auto size = parse_piece_size(text);
    const bool is_right = size && *size <= metainfo::piece_length_max && metainfo::is_v2_piece_length(*size);
    return is_right ? ""
                    : "'" + text + "' is no piece size: a power of two from 16k to 512M, for example 256k";
}

}  // namespace spate::apps
