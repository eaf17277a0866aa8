// Entry: what the catalogue knows of one name; Peer: one line of its tracker file; Published: what came with
// its metainfo. Values.
//
// An entry is classic (it has an md5 text; createtracker made it, or a publisher told the MD5 of a single
// file), or published (it has a metainfo), or both. The classic protocol sees classic ones only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/time.h"
#include "hash/signature.h"
#include "metainfo/info_hash.h"

namespace spate::catalogue {

// What the possession check found when the entry was made. Stored as these numbers.
enum class Verification : std::uint8_t {
    unchecked = 0,   // nobody asked
    verified = 1,    // the creator gave the chunks it was asked for
    unverified = 2,  // the creator could not be reached
};

struct Peer {
    std::string host;  // an address or a name, as announced
    std::uint16_t port = 0;
    std::uint64_t start = 0;  // as announced; whether `end` is inclusive depends on the program (see classic)
    std::uint64_t end = 0;    // start <= end <= the file's size
    WallTime updated;
    bool provisional = false;  // the whole-file line that createtracker made; the first update replaces it

    bool operator==(const Peer&) const = default;
};

// The metainfo itself is on the disk (CatalogueService::metainfo).
struct Published {
    metainfo::InfoHash hash;         // at least one
    hash::PublicKey publisher{};     // who may replace and remove it
    std::uint64_t sequence = 0;      // of the last request that was obeyed; at most 2^63 - 1
    hash::Sha256 metainfo_digest{};  // of the metainfo's bytes
    std::uint64_t metainfo_bytes = 0;
    std::uint32_t files = 1;    // pad files not counted
    Address from;               // whose share of the caps it counts for
    bool over_classic = false;  // a classic creator made the entry before; it stays when this goes
    WallTime published;         // when this content came

    bool operator==(const Published&) const = default;
};

struct Entry {
    std::string name;  // the key; a clean classic name, at most 255 bytes
    std::uint64_t size = 0;
    std::string description;       // with blanks, as in the tracker file
    std::string md5;               // as announced; empty: not a classic entry
    bool checksum_usable = false;  // md5 is 32 hex digits
    Verification verification = Verification::unchecked;
    Address owner;  // where the createtracker came from
    WallTime created;
    std::vector<Peer> peers;  // in order of their first announcement; no two of equal host and port
    std::shared_ptr<const Published> published;  // null: classic only

    bool is_classic() const { return !md5.empty(); }
    bool operator==(const Entry& other) const {
        const bool same_published = published == nullptr || other.published == nullptr
                                        ? published == other.published
                                        : *published == *other.published;
        return same_published && name == other.name && size == other.size &&
               description == other.description && md5 == other.md5 &&
               checksum_usable == other.checksum_usable && verification == other.verification &&
               owner == other.owner && created == other.created && peers == other.peers;
    }
};

}  // namespace spate::catalogue
