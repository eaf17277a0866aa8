// The one cleaner of file and folder names that come with a torrent: file lists, file trees, single-file
// names, magnet links, renames. What it gives is safe to create below a folder that is held open: no
// component is empty, "." or "..", has '/', '\', a NUL, a control character, a mark that reverses text, bytes
// that are not UTF-8 (overlong forms, surrogates), or more than 255 bytes. Other names stay as they are
// (dotfiles, blanks, ':' and '?' too), so that a tree made here verifies here. UniquePaths keeps files
// distinct after that, in linear time and memory. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace spate::metainfo {

// One component. Each bad character becomes one '_', so do the dots of "." and ".." and the ':' of a lone
// drive "C:"; an empty name is "_". Too long: cut at a character's edge, "~" and 8 hex digits of the whole,
// then its extension (16 bytes at most). Cleaning a clean name changes nothing.
std::string clean_component(std::string_view name);

// Letters of ASCII, Latin-1, Greek and Cyrillic in lower case: the rule by which two names may clash on
// another disk.
std::string folded(std::string_view name);

enum class CaseRule : std::uint8_t {
    fold,  // names that differ only by case are made distinct: right for what comes from the network
    keep,  // "a" and "A" are two files: right for a tree that exists on a disk that knows the difference
};

// Gives each file of one torrent its path. A later file (or folder) that would meet an earlier one gets ".1",
// ".2"... before its extension. Folders that differ only by case are one folder, under the first one's name.
class UniquePaths {
  public:
    // root: a clean component, the folder of all; empty for none.
    UniquePaths(std::string root, CaseRule rule);

    // components: as in the torrent, at least one; the last is the file. The error's object is empty (the
    // caller knows the key): too deep, or longer than path_bytes_max.
    Result<std::string> add(std::span<const std::string_view> components);

    // The folder or file that an earlier add() gave for these components, or nothing: where a link leads.
    std::optional<std::string> find(std::span<const std::string_view> components) const;

  private:
    struct Entry {
        std::string name;        // given, clean
        std::uint32_t id = 0;    // of a folder: the parent in keys below it
        std::uint32_t next = 1;  // suffix to try next
        bool folder = false;
    };
    Entry& claim(std::uint32_t parent, const std::string& clean, bool folder);
    std::string key(std::uint32_t parent, std::string_view clean) const;

    std::string root_;
    CaseRule rule_;
    std::uint32_t folders_ = 1;
    std::unordered_map<std::string, Entry> taken_;               // (parent, name given) -> who has it
    std::unordered_map<std::string, std::string> folder_names_;  // (parent, name wanted) -> key in taken_
};

}  // namespace spate::metainfo
