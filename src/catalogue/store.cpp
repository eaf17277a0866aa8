#include "catalogue/store.h"

#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "catalogue/store_load.h"

namespace spate::catalogue {

namespace {

// Steps of the schema; a released one never changes.
constexpr std::array<std::string_view, 2> migrations = {R"sql(
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
)sql",
                                                        R"sql(
    CREATE TABLE published(
        entry INTEGER PRIMARY KEY REFERENCES entry(id) ON DELETE CASCADE,
        hash_v1 BLOB,
        hash_v2 BLOB,
        publisher BLOB NOT NULL,
        sequence INTEGER NOT NULL,
        metainfo_digest BLOB NOT NULL,
        metainfo_bytes INTEGER NOT NULL,
        files INTEGER NOT NULL,
        source BLOB NOT NULL,
        over_classic INTEGER NOT NULL,
        published INTEGER NOT NULL) STRICT;
    CREATE TABLE metainfo(
        entry INTEGER PRIMARY KEY REFERENCES published(entry) ON DELETE CASCADE,
        bytes BLOB NOT NULL) STRICT;
    CREATE TABLE removed(
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        publisher BLOB NOT NULL,
        sequence INTEGER NOT NULL,
        UNIQUE(name, publisher)) STRICT
)sql"};
constexpr storage::DatabaseOptions options{0x53706361, migrations};  // "Spca"

enum Which : std::size_t {
    insert_entry,
    update_entry,
    remove_entry,
    put_peer,
    remove_peer,
    put_published_row,
    remove_published,
    put_metainfo,
    read_metainfo,
    put_removed,
    raise_floor,
    forget_removed,
    clear_bare,
    insert_bare
};
// In the order of Which; the two that write an entry name its columns by the same numbers.
constexpr std::array<std::string_view, 14> texts = {
    "INSERT INTO entry(name, size, description, md5, checksum_usable, verification, owner, created)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    "UPDATE entry SET size = ?2, description = ?3, md5 = ?4, checksum_usable = ?5, verification = ?6,"
    " owner = ?7, created = ?8 WHERE name = ?1",
    "DELETE FROM entry WHERE name = ?",
    "INSERT INTO peer(entry, host, port, range_start, range_end, updated, provisional)"
    " VALUES((SELECT id FROM entry WHERE name = ?), ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT(entry, host, port) DO UPDATE SET range_start = excluded.range_start, range_end = "
    "excluded.range_end,"
    " updated = excluded.updated, provisional = excluded.provisional",
    "DELETE FROM peer WHERE entry = (SELECT id FROM entry WHERE name = ?) AND host = ? AND port = ?",
    "INSERT INTO published(entry, hash_v1, hash_v2, publisher, sequence, metainfo_digest, metainfo_bytes,"
    " files, source, over_classic, published)"
    " VALUES((SELECT id FROM entry WHERE name = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT(entry) DO UPDATE SET hash_v1 = excluded.hash_v1, hash_v2 = excluded.hash_v2,"
    " publisher = excluded.publisher, sequence = excluded.sequence,"
    " metainfo_digest = excluded.metainfo_digest, metainfo_bytes = excluded.metainfo_bytes,"
    " files = excluded.files, source = excluded.source, over_classic = excluded.over_classic,"
    " published = excluded.published",
    "DELETE FROM published WHERE entry = (SELECT id FROM entry WHERE name = ?)",
    "INSERT INTO metainfo(entry, bytes) VALUES((SELECT id FROM entry WHERE name = ?), ?)"
    " ON CONFLICT(entry) DO UPDATE SET bytes = excluded.bytes",
    "SELECT bytes FROM metainfo WHERE entry = (SELECT id FROM entry WHERE name = ?)",
    "INSERT OR REPLACE INTO removed(name, publisher, sequence) VALUES(?, ?, ?)",
    "INSERT OR REPLACE INTO removed(id, name, publisher, sequence)"
    " SELECT 0, '', zeroblob(32), floor FROM (SELECT max(sequence) AS floor FROM removed"
    " WHERE id <= (SELECT max(id) FROM removed) - ?) WHERE floor IS NOT NULL",
    "DELETE FROM removed WHERE id > 0 AND id <= (SELECT max(id) FROM removed) - ?",
    "DELETE FROM bare_tracker",
    "INSERT INTO bare_tracker(slot, at) VALUES(?, ?)"};

std::int64_t number(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

Bytes octets_of(const Address& address) {
    return Bytes(address.octets()).first(address.is_v4() ? 4 : 16);
}

template <class Digest>
void bind_or_null(storage::Statement& statement, int parameter, const std::optional<Digest>& digest) {
    if (digest) {
        statement.bind(parameter, Bytes(*digest));
    } else {
        statement.bind_null(parameter);
    }
}

bool same_row(const Entry& a, const Entry& b) {
    return a.size == b.size && a.description == b.description && a.md5 == b.md5 &&
           a.checksum_usable == b.checksum_usable && a.verification == b.verification && a.owner == b.owner &&
           a.created == b.created;
}

bool same_line(const Peer& one, const Peer& other) {
    return one.port == other.port && one.host == other.host;
}

}  // namespace

const storage::DatabaseOptions& CatalogueStore::database_options() {
    return options;
}

Result<CatalogueStore> CatalogueStore::open(io::Folder& folder, std::size_t removed_max) {
    auto database = storage::Database::open(folder, file_name, options);
    if (!database) return fail(std::move(database.error()));
    std::vector<storage::Statement> statements;
    for (const auto text : texts) {
        auto statement = database->prepare(text);
        if (!statement) return fail(std::move(statement.error()));
        statements.push_back(std::move(*statement));
    }
    return CatalogueStore(std::move(*database), std::move(statements), removed_max);
}

Result<Catalogue> CatalogueStore::load() {
    auto entries = load_entries(database_);
    if (!entries) return fail(std::move(entries.error()));
    auto removed = load_removed(database_);
    if (!removed) return fail(std::move(removed.error()));
    auto bare = load_bare(database_);
    if (!bare) return fail(std::move(bare.error()));
    return Catalogue(std::move(*entries), std::move(*bare), std::move(*removed));
}

Result<void> CatalogueStore::commit(const Changes& changes) {
    const auto durability =
        changes.is_unrepeated() ? storage::Durability::power : storage::Durability::process;
    return database_.transact(durability, [&] { return write(changes); });
}

Result<std::string> CatalogueStore::metainfo(std::string_view name) {
    auto& row = statement(read_metainfo).bind(1, name);
    const auto there = row.step();
    if (!there) return fail(there.error());
    if (!*there) return fail(Error::system(ENOENT, "read the metainfo of", std::string(name)));
    std::string bytes(as_text(row.blob(0)));
    row.reset();
    return bytes;
}

Result<void> CatalogueStore::write(const Changes& changes) {
    for (const auto& change : changes.entries) {
        if (auto done = write_change(change); !done) return done;
    }
    if (auto done = write_removed(changes.removed); !done) return done;
    if (changes.bare_changed) return write_bare(changes.bare);
    return {};
}

Result<void> CatalogueStore::write_change(const Change& change) {
    if (change.after == nullptr) return statement(remove_entry).bind(1, change.name()).run();
    if (change.before == nullptr || !same_row(*change.before, *change.after)) {
        const auto which = change.before == nullptr ? insert_entry : update_entry;
        if (auto done = write_entry(*change.after, which); !done) return done;
    }
    if (auto done = write_peers(change); !done) return done;
    return write_published(change);
}

Result<void> CatalogueStore::write_entry(const Entry& entry, std::size_t which) {
    return statement(which)
        .bind(1, entry.name)
        .bind(2, number(entry.size))
        .bind(3, entry.description)
        .bind(4, entry.md5)
        .bind(5, std::int64_t{entry.checksum_usable})
        .bind(6, static_cast<std::int64_t>(entry.verification))
        .bind(7, octets_of(entry.owner))
        .bind(8, entry.created.unix_seconds)
        .run();
}

Result<void> CatalogueStore::write_published(const Change& change) {
    const auto& name = change.name();
    const auto* before = change.before == nullptr ? nullptr : change.before->published.get();
    const auto* after = change.after->published.get();
    if (after == nullptr) {
        return before == nullptr ? Result<void>() : statement(remove_published).bind(1, name).run();
    }
    if (before == nullptr || *before != *after) {
        if (auto done = put_published(name, *after); !done) return done;
    }
    if (change.metainfo == nullptr) return {};
    return statement(put_metainfo).bind(1, name).bind(2, as_bytes(*change.metainfo)).run();
}

Result<void> CatalogueStore::put_published(const std::string& name, const Published& published) {
    auto& row = statement(put_published_row).bind(1, name);
    bind_or_null(row, 2, published.hash.v1);
    bind_or_null(row, 3, published.hash.v2);
    return row.bind(4, Bytes(published.publisher))
        .bind(5, number(published.sequence))
        .bind(6, Bytes(published.metainfo_digest))
        .bind(7, number(published.metainfo_bytes))
        .bind(8, std::int64_t{published.files})
        .bind(9, octets_of(published.from))
        .bind(10, std::int64_t{published.over_classic})
        .bind(11, published.published.unix_seconds)
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

Result<void> CatalogueStore::write_removed(const std::vector<RemovedName>& removed) {
    for (const auto& [name, publisher, sequence] : removed) {
        auto done =
            statement(put_removed).bind(1, name).bind(2, Bytes(publisher)).bind(3, number(sequence)).run();
        if (done) done = statement(raise_floor).bind(1, number(removed_max_)).run();
        if (done) done = statement(forget_removed).bind(1, number(removed_max_)).run();
        if (!done) return done;
    }
    return {};
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
