#include "apps/cells.h"

#include <algorithm>

#include "base/utf8.h"

namespace spate::apps {
namespace {

struct Range {
    char32_t first, last;
};

constexpr Range wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},  {0xac00, 0xd7a3},
                          {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},  {0xffe0, 0xffe6},
                          {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
constexpr Range marks[] = {{0x300, 0x36f}, {0x200b, 0x200d}, {0xfe00, 0xfe0f}};

int cells_of_character(char32_t code) {
    const auto is_in = [code](Range range) { return code >= range.first && code <= range.last; };
    if (std::ranges::any_of(marks, is_in)) return 0;
    return std::ranges::any_of(wide, is_in) ? 2 : 1;
}

}  // namespace

int cells_of(std::string_view text) {
    int cells = 0;
    while (!text.empty()) {
        const auto character = decode_utf8(text).value_or(Utf8Character{'?', 1});
        cells += cells_of_character(character.code);
        text.remove_prefix(character.bytes);
    }
    return cells;
}

std::string cut_to_width(const std::string& text, int width) {
    if (width <= 0) return {};
    if (cells_of(text) <= width) return text;
    std::string kept;
    int used = 1;  // the "…"
    for (std::string_view rest = text; !rest.empty();) {
        const auto character = decode_utf8(rest).value_or(Utf8Character{'?', 1});
        used += cells_of_character(character.code);
        if (used > width) break;
        kept += rest.substr(0, character.bytes);
        rest.remove_prefix(character.bytes);
    }
    return kept + "…";
}

}  // namespace spate::apps
