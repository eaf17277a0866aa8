// ListedEntry: one entry as GET /catalogue and GET /entry/NAME show it, written as JSON by the tracker and
// read by its clients (docs/protocols/catalogue.md). What is read was checked: numbers are in range, hashes
// are hashes, at most page_entries_max entries. Texts are as they came: printable() before they are shown.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hash/signature.h"
#include "metainfo/info_hash.h"

namespace spate::catalogue_protocol {

struct ListedEntry {
    std::string name;  // any octets but those of catalogue names (classic/classic_name.h)
    std::uint64_t size = 0;
    std::string description;
    std::uint32_t files = 1;
    metainfo::InfoHash hash;  // empty: only the classic protocol knows it
    std::string md5;          // as announced; empty: the classic protocol does not know it
    std::uint64_t seeds = 0;
    std::uint64_t leechers = 0;
    // At least this share of it can be reached now, 0 to 1; nothing: nobody knows what those who are there
    // have.
    std::optional<double> coverage;
    bool verified = false;
    std::uint64_t age_seconds = 0;
    std::optional<hash::PublicKey> publisher;

    bool is_published() const { return hash.v1 || hash.v2; }  // it has a metainfo: GET /torrent/NAME
    bool operator==(const ListedEntry&) const = default;
};

struct ListPage {
    std::vector<ListedEntry> entries;
    std::string next;  // `after` of the next page; empty: this was the last
};

std::string write_entry(const ListedEntry& entry);
std::string write_page(const ListPage& page);
Result<ListedEntry> read_entry(std::string_view json);
Result<ListPage> read_page(std::string_view json);

}  // namespace spate::catalogue_protocol
