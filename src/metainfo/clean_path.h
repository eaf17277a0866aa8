// The one cleaner of file and folder names that come with a torrent: file lists, file trees, single-file
// names, magnet links, renames. What it gives is safe to create below a folder that is held open: no
// component is empty, "." or "..", has '/', '\', a NUL, a control character, a mark that reverses text, bytes
// that are not UTF-8 (overlong forms, surrogates), or more than 255 bytes. Other names stay as they are
// (dotfiles, blanks, ':' and '?' too), so that a tree made here verifies here. UniquePaths keeps files
// distinct after that, in linear time and memory. Pure; any thread.
//
// storage/file_name.h is the other cleaner: its names belong to us, so it may be stricter. Here the torrent
// names the files and other programs make the same tree: only what is unsafe is changed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace spate::metainfo {

// One component. Each bad character becomes one '_', so do the dots of "." and ".." and the ':' of a lone
// drive "C:"; an empty name is "_". Too long: cut at a character's edge, "~" and the fingerprint of the whole
// (base/fingerprint.h), then its extension (16 bytes at most). Cleaning a clean name changes nothing.
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

    // components: as in the torrent, at least one; the last is the file; their bytes stay alive as long as
    // this. Refused (the error's object is empty: the caller knows the key): too deep, longer than
    // path_bytes_max, all paths together longer than path_total_bytes_max.
    Result<std::string> add(std::span<const std::string_view> components);

    // The path of the file or folder that an earlier add() was given these components for (of several, the
    // first), or nothing: where a link leads.
    std::optional<std::string> find(std::span<const std::string_view> components) const;

  private:
    struct Folder {
        std::uint32_t parent = 0;
        std::string name;
    };
    struct Entry {                 // of one (folded) name in one folder
        bool used = false;         // something has this name
        std::uint32_t folder = 0;  // the folder that wanted it; it may have got another name
        std::string file;          // the name that the first file to want it got
        std::uint32_t next = 1;    // suffix to try next
    };
    std::string key(std::uint32_t folder, std::string_view clean) const;
    std::string claim(std::uint32_t folder, const std::string& clean, Entry& entry);
    std::uint32_t folder_of(std::span<const std::string_view> components);
    std::string path(std::uint32_t folder, std::string_view name) const;

    CaseRule rule_;
    std::vector<Folder> folders_;  // 0: the root
    std::unordered_map<std::string, Entry> entries_;
    std::size_t total_bytes_ = 0;
    std::vector<std::string_view>
        last_components_;  // the last file's folders: the next one is often beside it
    std::vector<std::uint32_t> last_folders_;
};

}  // namespace spate::metainfo
