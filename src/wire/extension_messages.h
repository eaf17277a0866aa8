// The messages of the extension protocol (BEP 10) that we speak: handshake, ut_metadata (BEP 9), ut_pex (BEP
// 11), lt_donthave (BEP 54), upload_only. The same structs for reading and writing. Numbers from the peer are
// checked against limits.h when they are read; texts are as they came: printable() before they are shown.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "wire/message.h"

namespace spate::wire {

// What we know; the value is the row of the table in extension_table.cpp. One more: a row there, one here.
enum class Extension : std::uint8_t { dont_have, upload_only, metadata, pex };
inline constexpr std::size_t extension_count = 4;

// A set of them: what we offer in a torrent. A message of one that we did not offer is passed over, so a
// private torrent that does not offer pex takes none.
struct ExtensionSet {
    std::uint8_t bits = (1U << extension_count) - 1;  // all
    bool has(Extension e) const { return (bits >> static_cast<unsigned>(e) & 1U) != 0; }
    ExtensionSet without(Extension e) const {
        return {static_cast<std::uint8_t>(bits & ~(1U << static_cast<unsigned>(e)))};
    }
    bool operator==(const ExtensionSet&) const = default;
};

// The ids a peer wants them sent with; 0: it does not take them. Handshakes add to it.
struct ExtensionIds {
    std::array<std::uint8_t, extension_count> ids{};
    bool has(Extension e) const { return ids[static_cast<std::size_t>(e)] != 0; }
    std::uint8_t of(Extension e) const { return ids[static_cast<std::size_t>(e)]; }
    bool operator==(const ExtensionIds&) const = default;
};

// BEP 10; a later one tells only changes. Reading: values out of range are as if they were not there.
struct ExtensionHandshake {
    std::string_view client{};                     // "v"
    std::optional<std::uint16_t> listen_port{};    // "p", not 0
    std::optional<std::uint32_t> request_queue{};  // "reqq", 1 to request_queue_max
    std::optional<std::uint32_t> metadata_size{};  // 1 to metadata_bytes_max
    std::optional<Address> your_address{};         // "yourip": how the sender sees the receiver
    std::optional<Address> ipv4{};                 // where the sender can be reached, beside the
    std::optional<Address> ipv6{};                 // ... address of this connection
    std::optional<bool> upload_only{};             // BEP 21
    bool prefers_encryption = false;               // "e"
};

struct MetadataRequest {
    std::uint32_t block = 0;
    bool operator==(const MetadataRequest&) const = default;
};
struct MetadataData {
    std::uint32_t block = 0;
    std::uint32_t total_size = 0;
    Bytes bytes;  // 1 to metadata_block_size
};
struct MetadataReject {
    std::uint32_t block = 0;
    bool operator==(const MetadataReject&) const = default;
};

struct PexContact {
    Endpoint endpoint;
    std::uint8_t flags = 0;
    bool prefers_encryption() const { return (flags & 0x01) != 0; }
    bool seed() const { return (flags & 0x02) != 0; }  // or upload only
    bool reachable() const { return (flags & 0x10) != 0; }
    bool operator==(const PexContact&) const = default;
};
// Reading: each list at most pex_first_contacts_max long, the rest left out; no repeats. See pex.h.
struct Pex {
    std::vector<PexContact> added;
    std::vector<Endpoint> dropped;
    bool operator==(const Pex&) const = default;
};

struct DontHave {
    PieceIndex piece;
    bool operator==(const DontHave&) const = default;
};

struct UploadOnly {
    bool value = false;
    bool operator==(const UploadOnly&) const = default;
};

}  // namespace spate::wire
