// Entry: what the catalogue knows of one file, and Peer: one line of its tracker file. Values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/time.h"

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

struct Entry {
    std::string name;  // the key; a clean classic name, at most 255 bytes
    std::uint64_t size = 0;
    std::string description;       // with blanks, as in the tracker file
    std::string md5;               // as announced
    bool checksum_usable = false;  // md5 is 32 hex digits
    Verification verification = Verification::unchecked;
    Address owner;  // where the createtracker came from
    WallTime created;
    std::vector<Peer> peers;  // in order of their first announcement; no two of equal host and port

    bool operator==(const Entry&) const = default;
};

}  // namespace spate::catalogue
