#include "storage/file_name.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/assert.h"

namespace spate::storage {

namespace {

constexpr std::size_t extension_bytes_max = 32;
constexpr std::size_t mark_bytes = 17;  // "~" and 16 hex digits

// The length of the well-formed UTF-8 character at the front of `text` (Unicode 15, table 3-7), 0 if there is
// none.
std::size_t character_length(std::string_view text) {
    const auto octet = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto follows = [&](std::size_t i) { return (octet(i) & 0xc0U) == 0x80U; };
    const unsigned first = octet(0);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        if (!follows(1) || !follows(2)) return 0;
        const bool overlong = first == 0xe0 && octet(1) < 0xa0;
        const bool surrogate = first == 0xed && octet(1) > 0x9f;
        return overlong || surrogate ? 0 : 3;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if (!follows(1) || !follows(2) || !follows(3)) return 0;
        const bool overlong = first == 0xf0 && octet(1) < 0x90;
        const bool too_high = first == 0xf4 && octet(1) > 0x8f;
        return overlong || too_high ? 0 : 4;
    }
    return 0;
}

bool is_unsafe(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    if (character.size() == 1) return first < 0x20 || first == 0x7f || first == '/' || first == '\\';
    return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;  // C1 control characters
}

std::string replace_unsafe(std::string_view name) {
    std::string safe;
    safe.reserve(name.size());
    for (std::size_t i = 0; i < name.size();) {
        const auto length = character_length(name.substr(i));
        const auto character = name.substr(i, std::max<std::size_t>(length, 1));
        safe += length == 0 || is_unsafe(character) ? std::string_view("_") : character;
        i += character.size();
    }
    return safe;
}

// Device names of DOS and Windows, with any extension: a file of that name made here could not be copied
// there.
bool is_reserved(std::string_view name) {
    static constexpr std::array<std::string_view, 4> plain = {"CON", "PRN", "AUX", "NUL"};
    static constexpr std::array<std::string_view, 2> numbered = {"COM", "LPT"};
    auto stem = std::string(name.substr(0, name.find('.')));
    for (char& c : stem) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    if (std::ranges::find(plain, stem) != plain.end()) return true;
    return stem.size() == 4 && stem[3] >= '1' && stem[3] <= '9' &&
           std::ranges::find(numbered, stem.substr(0, 3)) != numbered.end();
}

// FNV-1a: keeps names apart that differ by accident. Somebody may construct two that collide; their owner
// checks.
std::string fingerprint(std::string_view name) {
    static constexpr char digits[] = "0123456789abcdef";
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    std::string text(16, '0');
    for (std::size_t i = text.size(); i-- > 0; hash >>= 4) text[i] = digits[hash & 15U];
    return text;
}

// `name` (valid UTF-8) in at most `bytes_max` bytes, marked with the fingerprint of `original`.
std::string shorten(std::string_view name, std::string_view original, std::size_t bytes_max) {
    const auto dot = name.rfind('.');
    auto extension = dot == name.npos || dot == 0 ? std::string_view() : name.substr(dot);
    if (extension.size() > extension_bytes_max) extension = {};
    const auto room = bytes_max - mark_bytes - extension.size();
    std::size_t kept = 0;
    while (kept < room) {
        const auto length = std::max<std::size_t>(character_length(name.substr(kept)), 1);
        if (kept + length > room) break;
        kept += length;
    }
    return std::string(name.substr(0, kept)) + "~" + fingerprint(original) + std::string(extension);
}

}  // namespace

std::string clean_file_name(std::string_view name) {
    auto clean = replace_unsafe(name);
    if (clean.empty()) return "_";
    if (clean.front() == '.' || clean.front() == ' ') clean.front() = '_';
    if (clean.back() == '.' || clean.back() == ' ') clean.back() = '_';
    if (is_reserved(clean)) clean.insert(0, "_");
    if (clean.size() > file_name_bytes_max) clean = shorten(clean, name, file_name_bytes_max);
    return clean;
}

bool is_clean_file_name(std::string_view name) {
    return !name.empty() && clean_file_name(name) == name;
}

std::string with_suffix(std::string_view stem, std::string_view suffix) {
    SPATE_ASSERT(suffix.size() <= 32);
    if (stem.size() + suffix.size() <= file_name_bytes_max) return std::string(stem) + std::string(suffix);
    return shorten(stem, stem, file_name_bytes_max - suffix.size()) + std::string(suffix);
}

}  // namespace spate::storage
