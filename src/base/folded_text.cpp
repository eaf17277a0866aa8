#include "base/folded_text.h"

#include "base/utf8.h"

namespace spate {
namespace {

struct Run {
    char32_t first, last;
    char32_t number;
};

// Capitals whose small letters stand `number` higher.
constexpr Run shifted[] = {{U'A', U'Z', 32},   {0xc0, 0xd6, 32},   {0xd8, 0xde, 32},   {0x391, 0x3a1, 32},
                           {0x3a3, 0x3ab, 32}, {0x400, 0x40f, 80}, {0x410, 0x42f, 32}, {0x388, 0x38a, 37}};
// Pairs, the capital first; `number` is what capitals leave when divided by two.
constexpr Run paired[] = {{0x100, 0x137, 0}, {0x139, 0x148, 1}, {0x14a, 0x177, 0}, {0x179, 0x17e, 1},
                          {0x460, 0x481, 0}, {0x48a, 0x4bf, 0}, {0x4d0, 0x52f, 0}};

char32_t small(char32_t code) {
    for (const auto& run : shifted)
        if (code >= run.first && code <= run.last) return code + run.number;
    for (const auto& run : paired)
        if (code >= run.first && code <= run.last) return code % 2 == run.number ? code + 1 : code;
    return code;
}

}  // namespace

std::string folded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto character = decode_utf8(text);
        if (character)
            append_utf8(out, small(character->code));
        else
            out += text.front();
        text.remove_prefix(character ? character->bytes : 1);
    }
    return out;
}

}  // namespace spate
