#include "metainfo/clean_path.h"

#include <algorithm>

#include "base/assert.h"
#include "base/fingerprint.h"
#include "base/utf8.h"
#include "metainfo/limits.h"

namespace spate::metainfo {

namespace {

constexpr std::size_t extension_bytes_max = 16;

bool is_bad(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == '/' || c == '\\' ||  // controls, separators
           c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||     // marks of direction, line ends
           (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

std::string_view extension_of(std::string_view name) {
    const auto dot = name.rfind('.');
    if (dot == name.npos || dot == 0 || name.size() - dot > extension_bytes_max) return {};
    return name.substr(dot);
}

// stem + suffix + extension in component_bytes_max bytes; the stem gives way.
std::string fit(std::string_view stem, std::string_view suffix, std::string_view extension) {
    std::string name(cut_utf8(stem, component_bytes_max - suffix.size() - extension.size()));
    name += suffix;
    name += extension;
    return name;
}

std::string numbered(std::string_view name, std::uint32_t number) {
    const auto extension = extension_of(name);
    const auto stem = name.substr(0, name.size() - extension.size());
    std::string suffix = "." + std::to_string(number);
    if (name.size() + suffix.size() > component_bytes_max) suffix = "~" + fingerprint(name) + suffix;
    return fit(stem, suffix, extension);
}

// In a file tree all files of a folder share its name's bytes: no need to read them again for each.
bool is_same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && (a.data() == b.data() || a == b);
}

char32_t lower(char32_t c) {
    const bool upper = (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) ||  // ASCII, Latin-1
                       (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f);           // Greek, Cyrillic
    if (upper) return c + 0x20;
    return c >= 0x400 && c <= 0x40f ? c + 0x50 : c;
}

}  // namespace

std::string clean_component(std::string_view name) {
    std::string clean;
    clean.reserve(std::min(name.size(), component_bytes_max + 1));
    for (std::size_t at = 0; at < name.size();) {
        const auto character = decode_utf8(name.substr(at));
        if (!character || is_bad(character->code)) {
            clean += '_';
        } else {
            clean += name.substr(at, character->bytes);
        }
        at += character ? character->bytes : std::size_t{1};
    }
    if (clean.empty()) return "_";
    if (clean == "." || clean == "..") return std::string(clean.size(), '_');
    const bool drive = clean.size() == 2 && clean[1] == ':' &&
                       lower(static_cast<unsigned char>(clean[0])) >= 'a' &&
                       lower(static_cast<unsigned char>(clean[0])) <= 'z';
    if (drive) clean[1] = '_';
    if (clean.size() <= component_bytes_max) return clean;
    const auto extension = extension_of(clean);
    return fit(std::string_view(clean).substr(0, clean.size() - extension.size()), "~" + fingerprint(name),
               extension);
}

std::string folded(std::string_view name) {
    std::string text;
    text.reserve(name.size());
    for (std::size_t at = 0; at < name.size();) {
        const auto character = decode_utf8(name.substr(at));
        if (character) {
            append_utf8(text, lower(character->code));
        } else {
            text += name[at];
        }
        at += character ? character->bytes : std::size_t{1};
    }
    return text;
}

UniquePaths::UniquePaths(std::string root, CaseRule rule) : rule_(rule) {
    folders_.push_back({0, std::move(root)});
}

std::string UniquePaths::key(std::uint32_t folder, std::string_view clean) const {
    std::string text = std::to_string(folder);
    text += '/';
    text += rule_ == CaseRule::fold ? folded(clean) : clean;
    return text;
}

// The name itself if it is free in that folder, else the first numbered one that is. `entry` is that of the
// name.
std::string UniquePaths::claim(std::uint32_t folder, const std::string& clean, Entry& entry) {
    if (!entry.used) {
        entry.used = true;
        return clean;
    }
    for (;;) {  // ends: each turn meets another name that is taken, and there are finitely many
        auto candidate = numbered(clean, entry.next++);
        Entry& other = entries_[key(folder, candidate)];
        if (other.used) continue;
        other.used = true;
        return candidate;
    }
}

std::uint32_t UniquePaths::folder_of(std::span<const std::string_view> components) {
    std::size_t known = 0;
    while (known < components.size() && known < last_components_.size() &&
           is_same(last_components_[known], components[known]))
        ++known;
    last_components_.resize(known);
    last_folders_.resize(known);
    std::uint32_t folder = known == 0 ? 0 : last_folders_.back();
    for (const auto component : components.subspan(known)) {
        const auto clean = clean_component(component);
        Entry& entry = entries_[key(folder, clean)];
        if (entry.folder == 0) {
            auto name = claim(folder, clean, entry);
            entry.folder = static_cast<std::uint32_t>(folders_.size());
            folders_.push_back({folder, std::move(name)});
        }
        folder = entry.folder;
        last_components_.push_back(component);
        last_folders_.push_back(folder);
    }
    return folder;
}

std::string UniquePaths::path(std::uint32_t folder, std::string_view name) const {
    std::vector<std::string_view> parts{name};
    for (auto at = folder; at != 0; at = folders_[at].parent) parts.push_back(folders_[at].name);
    if (!folders_[0].name.empty()) parts.push_back(folders_[0].name);
    std::string text;
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        if (!text.empty()) text += '/';
        text += *part;
    }
    return text;
}

Result<std::string> UniquePaths::add(std::span<const std::string_view> components) {
    SPATE_ASSERT(!components.empty());
    if (components.size() > path_depth_max)
        return fail(Error::invalid("", "",
                                   std::to_string(components.size()) + " folders deep, " +
                                       std::to_string(path_depth_max) + " are allowed"));
    const auto folder = folder_of(components.first(components.size() - 1));
    const auto clean = clean_component(components.back());
    Entry& entry = entries_[key(folder, clean)];
    auto name = claim(folder, clean, entry);
    auto text = path(folder, name);
    if (text.size() > path_bytes_max)
        return fail(Error::invalid("", "",
                                   "a path of " + std::to_string(text.size()) + " bytes, " +
                                       std::to_string(path_bytes_max) + " are allowed"));
    total_bytes_ += text.size();
    if (total_bytes_ > path_total_bytes_max)
        return fail(Error::invalid(
            "", "", "all paths together are longer than " + std::to_string(path_total_bytes_max) + " bytes"));
    if (entry.file.empty()) entry.file = std::move(name);
    return text;
}

std::optional<std::string> UniquePaths::find(std::span<const std::string_view> components) const {
    std::uint32_t folder = 0;
    for (std::size_t i = 0; i < components.size(); ++i) {
        const auto found = entries_.find(key(folder, clean_component(components[i])));
        if (found == entries_.end()) return std::nullopt;
        const Entry& entry = found->second;
        const bool last = i + 1 == components.size();
        if (last && !entry.file.empty()) return path(folder, entry.file);
        if (entry.folder == 0) return std::nullopt;
        if (last) return path(folders_[entry.folder].parent, folders_[entry.folder].name);
        folder = entry.folder;
    }
    return std::nullopt;
}

}  // namespace spate::metainfo
