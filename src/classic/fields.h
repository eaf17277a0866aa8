// Fields of a text line: the small rules that every message and file of the classic protocol shares. For this
// module, and for the catalogue when it checks again what it stored. Views into the caller's text; no
// allocation but the field list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spate::classic {

inline constexpr std::uint64_t position_max = INT64_MAX;  // of a byte in a file, and of a file's size

inline constexpr std::size_t md5_text_max = 128;  // bytes; room for other digests than MD5

inline bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// Without blanks and CR at both ends.
std::string_view trim(std::string_view text);
// The fields between runs of blanks; none is empty.
std::vector<std::string_view> split_fields(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);
bool starts_ignoring_case(std::string_view text, std::string_view prefix);
std::string lower_case(std::string_view text);
bool has_control_byte(std::string_view text);  // 0 to 31 but tab, and 127
// An unsigned decimal number up to position_max, digits only.
std::optional<std::uint64_t> parse_position(std::string_view text);
std::optional<std::uint16_t> parse_port(std::string_view text);  // 1 to 65535
// "[::1]" becomes "::1"; everything else stays.
std::string_view without_square_brackets(std::string_view host);

// One message line taken apart: `<`, keyword, fields, `>`.
struct MessageLine {
    std::string_view body;  // without brackets and the blanks around
    std::vector<std::string_view> fields;
    bool opened = false;  // began with `<`
    bool closed = false;  // ended with `>`
    bool cut_short() const { return opened && !closed; }
    // Field i, or an empty text.
    std::string_view at(std::size_t i) const { return i < fields.size() ? fields[i] : std::string_view(); }
    bool field_is(std::size_t i, std::string_view word) const { return equal_ignoring_case(at(i), word); }
};
// NULs at the end count as blanks there.
MessageLine split_message(std::string_view line);

}  // namespace spate::classic
