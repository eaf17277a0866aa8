// SourceText: what a person may name to `spate get`, told apart by how it is written. Pure.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/endpoint.h"
#include "http/url.h"
#include "metainfo/magnet.h"

namespace spate::apps {

struct EntrySource {  // of a tracker's catalogue
    HostPort tracker;
    std::string name;
    std::string missing_file{};  // what was written, if a .torrent that is not there may be meant
};
struct FileSource {  // a .torrent on this machine
    std::string path;
};

using SourceText = std::variant<EntrySource, FileSource, http::Url, metainfo::Magnet>;

// magnet:..., http://..., https://..., a path (with "/", "./", "../" or "~" in front, or what ends in
// ".torrent" and is_file), HOST[:PORT]/NAME, NAME at `tracker`. Errors are for people.
Result<SourceText> parse_source(std::string_view text, const HostPort& tracker, bool is_file);

Result<metainfo::Magnet> parse_magnet_link(std::string_view text);

}  // namespace spate::apps
