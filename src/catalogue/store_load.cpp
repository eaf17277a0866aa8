#include "catalogue/store_load.h"

#include <algorithm>
#include <memory>
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
    if (!is_checksum_text(entry->md5)) return fail(broken("entry", id, "the checksum is not allowed"));
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

Result<void> read_peer(const storage::Statement& row, const EntriesById& entries) {
    const auto id = row.integer(0);
    const auto found = entries.find(row.integer(1));
    if (found == entries.end()) return fail(broken("peer", id, "it belongs to no entry"));
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
    return entries;
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
