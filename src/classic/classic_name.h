// The names of the classic protocol: a name is a key, never a path. One rule for everybody who
// takes a name from the network or puts one into a request.
//
// Refused: the empty name, more than 255 bytes, `/`, `\`, "." and any "..", control bytes (0 to 31, 127), and
// what cannot travel in a message: blanks, `<` and `>`. Octets above 127 pass (UTF-8 or whatever it is).
//
// Source: docs/protocols/classic.md.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace spate::classic {

inline constexpr std::size_t name_length_max = 255;  // bytes

// Why the name is not acceptable, as words that fit "name: ...", or nothing when it is.
std::optional<std::string_view> name_fault(std::string_view name);

inline bool is_clean_name(std::string_view name) {
    return !name_fault(name);
}

// Whether text can be the host of a peer: an IPv4 or IPv6 address (no brackets) or a host name of letters,
// digits,
// `.`, `-` and `_`, at most 253 bytes, whose last part is no number (so "300.1.1.1" is neither). Nothing is
// resolved; which addresses are allowed is the owner's rule.
bool is_host_text(std::string_view text);

// Whether text is 32 hexadecimal digits: an MD5 that can be compared with one.
bool is_md5_text(std::string_view text);

}  // namespace spate::classic
