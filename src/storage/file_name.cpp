#include "storage/file_name.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "base/fingerprint.h"
#include "base/utf8.h"

namespace spate::storage {

namespace {

constexpr std::size_t extension_bytes_max = 32;
constexpr std::size_t mark_bytes = 1 + fingerprint_digits;  // "~" and the fingerprint

bool is_unsafe(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == '/' || c == '\\';  // controls, separators
}

std::string replace_unsafe(std::string_view name) {
    std::string safe;
    safe.reserve(name.size());
    while (!name.empty()) {
        const auto character = decode_utf8(name);
        const std::size_t length = character ? character->bytes : 1;
        safe += !character || is_unsafe(character->code) ? std::string_view("_") : name.substr(0, length);
        name.remove_prefix(length);
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

// `name` (valid UTF-8) in at most `bytes_max` bytes, marked with the fingerprint of `original`.
std::string shorten(std::string_view name, std::string_view original, std::size_t bytes_max) {
    const auto dot = name.rfind('.');
    auto extension = dot == name.npos || dot == 0 ? std::string_view() : name.substr(dot);
    if (extension.size() > extension_bytes_max) extension = {};
    const auto room = bytes_max - mark_bytes - extension.size();
    return std::string(cut_utf8(name, room)) + "~" + fingerprint(original) + std::string(extension);
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
