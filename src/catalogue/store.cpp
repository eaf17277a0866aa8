#include "catalogue/store.h"

#include <array>
#include <string>
#include <utility>

#include "catalogue/store_load.h"

namespace spate::catalogue {

namespace {

// Steps of the schema; a released one never changes.
constexpr std::array<std::string_view, 1> migrations = {R"sql(
    CREATE TABLE entry(
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        description TEXT NOT NULL,
        md5 TEXT NOT NULL,
        checksum_usable INTEGER NOT NULL,
        verification INTEGER NOT NULL,
        owner BLOB NOT NULL,
        created INTEGER NOT NULL) STRICT;
    CREATE TABLE peer(
        id INTEGER PRIMARY KEY,
        entry INTEGER NOT NULL REFERENCES entry(id) ON DELETE CASCADE,
        host TEXT NOT NULL,
        port INTEGER NOT NULL,
        range_start INTEGER NOT NULL,
        range_end INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        provisional INTEGER NOT NULL,
        UNIQUE(entry, host, port)) STRICT;
    CREATE TABLE bare_tracker(
        slot INTEGER PRIMARY KEY,
        at INTEGER NOT NULL) STRICT
)sql"};
constexpr storage::DatabaseOptions options{0x53706361, migrations};  // "Spca"

enum Which : std::size_t { insert_entry, put_peer, remove_peer, clear_bare, insert_bare };
// In the order of Which.
constexpr std::array<std::string_view, 5> texts = {
    "INSERT INTO entry(name, size, description, md5, checksum_usable, verification, owner, created)"
    " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO peer(entry, host, port, range_start, range_end, updated, provisional)"
    " VALUES((SELECT id FROM entry WHERE name = ?), ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT(entry, host, port) DO UPDATE SET range_start = excluded.range_start, range_end = "
    "excluded.range_end,"
    " updated = excluded.updated, provisional = excluded.provisional",
    "DELETE FROM peer WHERE entry = (SELECT id FROM entry WHERE name = ?) AND host = ? AND port = ?",
    "DELETE FROM bare_tracker", "INSERT INTO bare_tracker(slot, at) VALUES(?, ?)"};

std::int64_t number(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

bool same_line(const Peer& one, const Peer& other) {
    return one.port == other.port && one.host == other.host;
}

}  // namespace

const storage::DatabaseOptions& CatalogueStore::database_options() {
    return options;
}

Result<CatalogueStore> CatalogueStore::open(io::Folder& folder) {
    auto database = storage::Database::open(folder, file_name, options);
    if (!database) return fail(std::move(database.error()));
    std::vector<storage::Statement> statements;
    for (const auto text : texts) {
        auto statement = database->prepare(text);
        if (!statement) return fail(std::move(statement.error()));
        statements.push_back(std::move(*statement));
    }
    return CatalogueStore(std::move(*database), std::move(statements));
}

Result<Catalogue> CatalogueStore::load() {
    auto entries = load_entries(database_);
    if (!entries) return fail(std::move(entries.error()));
    auto bare = load_bare(database_);
    if (!bare) return fail(std::move(bare.error()));
    return Catalogue(std::move(*entries), std::move(*bare));
}

Result<void> CatalogueStore::commit(const Changes& changes) {
    const auto durability =
        changes.makes_entries() ? storage::Durability::power : storage::Durability::process;
    return database_.transact(durability, [&] { return write(changes); });
}

Result<void> CatalogueStore::write(const Changes& changes) {
    for (const auto& change : changes.entries) {
        if (change.before == nullptr) {
            if (auto done = write_entry(*change.after); !done) return done;
        }
        if (auto done = write_peers(change); !done) return done;
    }
    if (changes.bare_changed) return write_bare(changes.bare);
    return {};
}

Result<void> CatalogueStore::write_entry(const Entry& entry) {
    const auto& octets = entry.owner.octets();
    return statement(insert_entry)
        .bind(1, entry.name)
        .bind(2, number(entry.size))
        .bind(3, entry.description)
        .bind(4, entry.md5)
        .bind(5, std::int64_t{entry.checksum_usable})
        .bind(6, static_cast<std::int64_t>(entry.verification))
        .bind(7, Bytes(octets).first(entry.owner.is_v4() ? 4 : 16))
        .bind(8, entry.created.unix_seconds)
        .run();
}

// The lines after are those before without the ones that left, then the new ones: one walk over both finds
// what changed. A peer that left and came back is found to have left first, then to be new.
Result<void> CatalogueStore::write_peers(const Change& change) {
    static const std::vector<Peer> none;
    const auto& before = change.before == nullptr ? none : change.before->peers;
    const auto& after = change.after->peers;
    std::size_t kept = 0;
    for (const auto& peer : before) {
        if (kept < after.size() && same_line(peer, after[kept])) {
            const auto& now = after[kept++];
            if (now == peer) continue;
            if (auto done = put(change.after->name, now); !done) return done;
        } else if (auto done = remove(change.after->name, peer); !done) {
            return done;
        }
    }
    for (; kept < after.size(); ++kept) {
        if (auto done = put(change.after->name, after[kept]); !done) return done;
    }
    return {};
}

Result<void> CatalogueStore::put(const std::string& entry, const Peer& peer) {
    return statement(put_peer)
        .bind(1, entry)
        .bind(2, peer.host)
        .bind(3, peer.port)
        .bind(4, number(peer.start))
        .bind(5, number(peer.end))
        .bind(6, peer.updated.unix_seconds)
        .bind(7, std::int64_t{peer.provisional})
        .run();
}

Result<void> CatalogueStore::remove(const std::string& entry, const Peer& peer) {
    return statement(remove_peer).bind(1, entry).bind(2, peer.host).bind(3, peer.port).run();
}

Result<void> CatalogueStore::write_bare(const BareTrackers& bare) {
    if (auto done = statement(clear_bare).run(); !done) return done;
    for (std::size_t slot = 0; slot < bare.size(); ++slot) {
        auto done = statement(insert_bare).bind(1, number(slot)).bind(2, bare[slot].unix_seconds).run();
        if (!done) return done;
    }
    return {};
}

}  // namespace spate::catalogue
