#include "catalogue/store_load.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "catalogue/store.h"
#include "classic/classic_name.h"
#include "classic/fields.h"
#include "classic/tracker_file.h"
#include "classic/tracker_reply.h"

namespace spate::catalogue {

namespace {

using EntriesById = std::unordered_map<std::int64_t, std::shared_ptr<Entry>>;

Error broken(std::string_view table, std::int64_t row, std::string_view what) {
    return Error::invalid(
        "load", std::string(CatalogueStore::file_name),
        "row " + std::to_string(row) + " of table " + std::string(table) + ": " + std::string(what),
        std::errc::bad_message);
}

// As unix seconds; the last second of the year 9999.
constexpr std::int64_t time_max = 253'402'300'799;

bool is_time(std::int64_t seconds) {
    return seconds >= 0 && seconds <= time_max;
}

// What the request parser lets through (classic::CreateTracker): the text goes into LIST as it is.
bool is_checksum_text(std::string_view text) {
    const auto is_bad = [](char c) { return classic::is_blank(c) || c == '<' || c == '>'; };
    return !text.empty() && text.size() <= classic::md5_text_max && !classic::has_control_byte(text) &&
           std::ranges::none_of(text, is_bad);
}

Result<Address> read_address(Bytes octets) {
    if (octets.size() == 4) return Address::v4(octets[0], octets[1], octets[2], octets[3]);
    if (octets.size() != 16) return fail(Error::invalid("read", "address", "neither 4 nor 16 bytes"));
    std::array<std::uint8_t, 16> all{};
    std::copy(octets.begin(), octets.end(), all.begin());
    return Address::v6(all);
}

Result<std::shared_ptr<Entry>> read_entry(const storage::Statement& row) {
    const auto id = row.integer(0);
    auto entry = std::make_shared<Entry>();
    entry->name = row.text(1);
    if (!classic::is_clean_name(entry->name)) return fail(broken("entry", id, "the name is not allowed"));
    if (row.integer(2) < 0) return fail(broken("entry", id, "the size is negative"));
    entry->size = static_cast<std::uint64_t>(row.integer(2));
    entry->description = row.text(3);
    entry->md5 = row.text(4);
    entry->checksum_usable = row.integer(5) != 0;
    if (classic::has_control_byte(entry->description)) {
        return fail(broken("entry", id, "the description is more than one line"));
    }
    // Without a checksum: a published one, which read_published() looks for.
    if (!entry->md5.empty() && !is_checksum_text(entry->md5))
        return fail(broken("entry", id, "the checksum is not allowed"));
    if (entry->checksum_usable && !classic::is_md5_text(entry->md5)) {
        return fail(broken("entry", id, "the checksum is no MD5"));
    }
    if (!is_time(row.integer(8))) return fail(broken("entry", id, "no such time"));
    const auto verification = row.integer(6);
    if (verification < 0 || verification > static_cast<int>(Verification::unverified)) {
        return fail(broken("entry", id, "no such verification"));
    }
    entry->verification = static_cast<Verification>(verification);
    const auto owner = read_address(row.blob(7));
    if (!owner) return fail(broken("entry", id, "the owner is no address"));
    entry->owner = *owner;
    entry->created = WallTime{row.integer(8)};
    return entry;
}

template <class Octets>
bool read_octets(Bytes blob, Octets& out) {
    if (blob.size() != out.size()) return false;
    std::ranges::copy(blob, out.begin());
    return true;
}

// An empty blob is NULL: there is none.
template <class Octets>
bool read_octets_or_null(Bytes blob, std::optional<Octets>& out) {
    return blob.empty() || read_octets(blob, out.emplace());
}

Result<void> read_published(const storage::Statement& row, const EntriesById& entries) {
    const auto id = row.integer(0);
    const auto found = entries.find(id);
    if (found == entries.end()) return fail(broken("published", id, "it belongs to no entry"));
    Published published;
    const bool hashes_read = read_octets_or_null(row.blob(1), published.hash.v1) &&
                             read_octets_or_null(row.blob(2), published.hash.v2);
    if (!hashes_read || (!published.hash.v1 && !published.hash.v2)) {
        return fail(broken("published", id, "no info-hash"));
    }
    if (!read_octets(row.blob(3), published.publisher)) return fail(broken("published", id, "no key"));
    if (row.integer(4) < 0) return fail(broken("published", id, "the sequence is negative"));
    published.sequence = static_cast<std::uint64_t>(row.integer(4));
    if (!read_octets(row.blob(5), published.metainfo_digest)) {
        return fail(broken("published", id, "no digest of the metainfo"));
    }
    if (row.integer(6) < 1 || row.integer(6) != row.integer(11)) {
        return fail(broken("published", id, "the metainfo has not as many bytes as it should"));
    }
    published.metainfo_bytes = static_cast<std::uint64_t>(row.integer(6));
    if (row.integer(7) < 0 || row.integer(7) > UINT32_MAX) {
        return fail(broken("published", id, "no number of files"));
    }
    published.files = static_cast<std::uint32_t>(row.integer(7));
    const auto from = read_address(row.blob(8));
    if (!from) return fail(broken("published", id, "the source is no address"));
    published.from = *from;
    published.over_classic = row.integer(9) != 0;
    if (!is_time(row.integer(10))) return fail(broken("published", id, "no such time"));
    published.published = WallTime{row.integer(10)};
    found->second->published = std::make_shared<const Published>(published);
    return {};
}

Result<void> read_peer(const storage::Statement& row, const EntriesById& entries) {
    const auto id = row.integer(0);
    const auto found = entries.find(row.integer(1));
    if (found == entries.end()) return fail(broken("peer", id, "it belongs to no entry"));
    if (!found->second->is_classic()) return fail(broken("peer", id, "its entry is no classic one"));
    Peer peer;
    peer.host = row.text(2);
    const auto port = row.integer(3);
    const auto start = row.integer(4);
    const auto end = row.integer(5);
    if (!classic::is_host_text(peer.host) || port < 1 || port > 65535)
        return fail(broken("peer", id, "no address"));
    if (start < 0 || start > end || std::cmp_greater(end, found->second->size)) {
        return fail(broken("peer", id, "the range is not inside the file"));
    }
    if (!is_time(row.integer(6))) return fail(broken("peer", id, "no such time"));
    if (found->second->peers.size() >= classic::tracker_file_peers_max) {
        return fail(broken("peer", id, "the entry has too many"));
    }
    peer.port = static_cast<std::uint16_t>(port);
    peer.start = static_cast<std::uint64_t>(start);
    peer.end = static_cast<std::uint64_t>(end);
    peer.updated = WallTime{row.integer(6)};
    peer.provisional = row.integer(7) != 0;
    found->second->peers.push_back(std::move(peer));
    return {};
}

// Runs `sql` and gives each row to `take`.
template <class Take>
Result<void> each_row(storage::Database& database, std::string_view sql, Take take) {
    auto row = database.prepare(sql);
    if (!row) return fail(std::move(row.error()));
    while (true) {
        const auto there = row->step();
        if (!there) return fail(there.error());
        if (!*there) return {};
        if (Result<void> taken = take(*row); !taken) return taken;
    }
}

}  // namespace

Result<std::vector<EntryPointer>> load_entries(storage::Database& database) {
    EntriesById by_id;
    std::vector<EntryPointer> entries;
    auto done = each_row(
        database,
        "SELECT id, name, size, description, md5, checksum_usable, verification, owner, created FROM entry",
        [&](const storage::Statement& row) -> Result<void> {
            auto entry = read_entry(row);
            if (!entry) return fail(std::move(entry.error()));
            entries.push_back(*entry);
            by_id.emplace(row.integer(0), std::move(*entry));
            return {};
        });
    if (!done) return fail(std::move(done.error()));
    done = each_row(
        database,
        "SELECT id, entry, host, port, range_start, range_end, updated, provisional FROM peer ORDER BY id",
        [&](const storage::Statement& row) { return read_peer(row, by_id); });
    if (!done) return fail(std::move(done.error()));
    done = each_row(database,
                    "SELECT published.entry, hash_v1, hash_v2, publisher, sequence, metainfo_digest,"
                    " metainfo_bytes, files, source, over_classic, published, ifnull(length(bytes), 0)"
                    " FROM published LEFT JOIN metainfo ON metainfo.entry = published.entry",
                    [&](const storage::Statement& row) { return read_published(row, by_id); });
    if (!done) return fail(std::move(done.error()));
    for (const auto& [id, entry] : by_id) {
        if (!entry->is_classic() && entry->published == nullptr) {
            return fail(broken("entry", id, "neither a checksum nor a metainfo"));
        }
    }
    return entries;
}

Result<RemovedNames> load_removed(storage::Database& database) {
    RemovedNames removed;
    auto done = each_row(database, "SELECT id, name, publisher, sequence FROM removed ORDER BY id",
                         [&](const storage::Statement& row) -> Result<void> {
                             RemovedName one{std::string(row.text(1)), {}, 0};
                             const auto id = row.integer(0);
                             if (!read_octets(row.blob(2), one.publisher) || row.integer(3) < 0) {
                                 return fail(broken("removed", id, "no key or no sequence"));
                             }
                             one.sequence = static_cast<std::uint64_t>(row.integer(3));
                             removed.load(id, std::move(one));
                             return {};
                         });
    if (!done) return fail(std::move(done.error()));
    return removed;
}

Result<BareTrackers> load_bare(storage::Database& database) {
    BareTrackers bare;
    auto done = each_row(database, "SELECT slot, at FROM bare_tracker ORDER BY slot",
                         [&](const storage::Statement& row) -> Result<void> {
                             const auto slot = row.integer(0);
                             if (!is_time(row.integer(1))) {
                                 return fail(broken("bare_tracker", slot, "no such time"));
                             }
                             if (std::cmp_greater_equal(bare.size(), classic::bare_trackers_before_ready)) {
                                 return fail(broken("bare_tracker", slot, "one too many"));
                             }
                             bare.push_back(WallTime{row.integer(1)});
                             return {};
                         });
    if (!done) return fail(std::move(done.error()));
    return bare;
}

}  // namespace spate::catalogue
