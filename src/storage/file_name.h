// Names from the network made into one safe path component. A clean name is never empty, ".", ".." or longer
// than 255 bytes, is valid UTF-8, holds no control byte, no '/' and no '\', does not begin with a dot or a
// blank nor end with one, and is none of the names that other systems reserve (CON, NUL, COM1 ...). Cleaning
// a clean name changes nothing. Pure; any thread.
//
// metainfo/clean_path.h is the other cleaner: a torrent names a whole tree that other programs make as well,
// so it changes only what is unsafe. These names are ours alone and lie beside our own dotfiles: stricter.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spate::storage {

inline constexpr std::size_t file_name_bytes_max = 255;

// Unsafe bytes become '_'; a name that is too long is cut at a character's edge and keeps its extension, with
// "~" and the fingerprint of the whole name before it, so that two long names that differ stay different.
std::string clean_file_name(std::string_view name);
bool is_clean_file_name(std::string_view name);

// `stem` + `suffix` in at most 255 bytes, shortened as above where needed. `stem` must be clean, `suffix`
// clean ASCII that begins with a dot, at most 32 bytes.
std::string with_suffix(std::string_view stem, std::string_view suffix);

}  // namespace spate::storage
