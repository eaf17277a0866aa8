#include "tracker/swarm_file.h"

#include <algorithm>
#include <string>

#include "announce/endpoint_bytes.h"

namespace spate::tracker {

using announce::append_u16;
using announce::append_u32;
using announce::append_u64;
using announce::read_u16;
using announce::read_u32;
using announce::read_u64;

namespace {

constexpr std::string_view file_name = "spate swarms 1\n\n";
constexpr std::size_t block_head = 4 + 20;    // length, SHA-1
constexpr std::size_t swarms_head = 1 + 8;    // kind, when
constexpr std::size_t swarm_head = 20 + 12;   // hash, downloaded, peers of either family
constexpr std::size_t peer_tail = 2 + 2 + 4;  // port, state and age, client
// A block is closed beyond the first; of a swarm that has more peers, each part has as many as the second.
constexpr std::size_t block_enough = 512 << 10;
constexpr std::size_t peers_at_once = 16'384;
static_assert(block_enough + swarm_head + peers_at_once * (16 + peer_tail) <= swarm_block_bytes_max);

enum BlockKind : std::uint8_t { start_block = 'K', swarms_block = 'S', end_block = 'E' };

void append(std::vector<std::uint8_t>& out, Bytes bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

// Begins a block in `out`; the place that end_block_at() needs.
std::size_t begin_block(std::vector<std::uint8_t>& out, BlockKind kind) {
    const auto at = out.size();
    out.resize(at + block_head);
    out.push_back(kind);
    return at;
}

void end_block_at(std::vector<std::uint8_t>& out, std::size_t at) {
    const auto payload = Bytes(out).subspan(at + block_head);
    const auto size = static_cast<std::uint32_t>(payload.size());
    const auto digest = hash::sha1(payload);
    for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<std::uint8_t>(size >> (24 - 8 * i));
    std::ranges::copy(digest, out.begin() + static_cast<std::ptrdiff_t>(at) + 4);
}

template <class Record>
void append_peers(std::vector<std::uint8_t>& out, std::span<const Record> records, Tick now) {
    for (const auto& record : records) {
        append(out, record.address);
        append_u16(out, record.port);
        const auto kind = static_cast<unsigned>(record.kind()) << 14;
        append_u16(out, static_cast<std::uint16_t>(kind | (record.second() ? 0x2000U : 0U) |
                                                   now.since(record.heard())));
        append_u32(out, record.client);
    }
}

// The next peers_at_once of one list.
template <class Record>
std::span<const Record> cut(std::span<const Record>& left, std::size_t room) {
    const auto part = left.first(std::min(left.size(), room));
    left = left.subspan(part.size());
    return part;
}

template <std::size_t address_bytes>
KeptPeer read_peer(Bytes octets) {
    std::array<std::uint8_t, address_bytes> address{};
    std::copy_n(octets.begin(), address_bytes, address.begin());
    KeptPeer peer;
    if constexpr (address_bytes == 4)
        peer.endpoint.address = Address::v4(address);
    else
        peer.endpoint.address = Address::v6(address);
    peer.endpoint.port = read_u16(octets, address_bytes);
    const auto state = read_u16(octets, address_bytes + 2);
    peer.kind = static_cast<PeerKind>(state >> 14);
    peer.second = (state & 0x2000U) != 0;
    peer.age = state & Tick::mask;
    peer.client = read_u32(octets, address_bytes + 4);
    return peer;
}

// False: a kind of peer that there is not.
template <std::size_t address_bytes>
bool read_peers(Bytes octets, std::vector<KeptPeer>& into) {
    for (; !octets.empty(); octets = octets.subspan(address_bytes + peer_tail)) {
        const auto peer = read_peer<address_bytes>(octets);
        if (peer.kind > PeerKind::seed || (address_bytes == 16 && peer.endpoint.address.unmapped().is_v4()))
            return false;
        into.push_back(peer);
    }
    return true;
}

}  // namespace

void append_swarm_file_start(std::vector<std::uint8_t>& out, const hash::SipKey& client_key) {
    append(out, as_bytes(file_name));
    const auto at = begin_block(out, start_block);
    append(out, client_key);
    end_block_at(out, at);
}

void append_swarms(std::vector<std::uint8_t>& out, std::span<const Swarm> swarms, WallTime saved,
                   TimePoint now) {
    const auto tick = tick_at(now);
    std::size_t at = 0;
    bool is_open = false;
    for (const auto& swarm : swarms) {
        if (!swarm.occupied) continue;
        auto v4 = swarm.v4.records();
        auto v6 = swarm.v6.records();
        do {
            if (!is_open) {
                at = begin_block(out, swarms_block);
                append_u64(out, static_cast<std::uint64_t>(saved.unix_seconds));
                is_open = true;
            }
            const auto some_v4 = cut(v4, peers_at_once);
            const auto some_v6 = cut(v6, peers_at_once - some_v4.size());
            append(out, swarm.hash);
            append_u32(out, swarm.downloaded);
            append_u32(out, static_cast<std::uint32_t>(some_v4.size()));
            append_u32(out, static_cast<std::uint32_t>(some_v6.size()));
            append_peers(out, some_v4, tick);
            append_peers(out, some_v6, tick);
            if (out.size() - at < block_enough) continue;
            end_block_at(out, at);
            is_open = false;
        } while (!v4.empty() || !v6.empty());
    }
    if (is_open) end_block_at(out, at);
}

void append_swarm_file_end(std::vector<std::uint8_t>& out) {
    end_block_at(out, begin_block(out, end_block));
}

std::unexpected<Error> SwarmFileReader::broken(std::string reason) const {
    return fail(Error::invalid("read", "the saved swarms",
                               std::move(reason) + " at byte " + std::to_string(offset_),
                               std::errc::bad_message));
}

Result<void> SwarmFileReader::feed(Bytes bytes) {
    kept_.insert(kept_.end(), bytes.begin(), bytes.end());
    std::size_t done = 0;
    while (done < kept_.size()) {
        const auto taken = take(Bytes(kept_).subspan(done));
        if (!taken) return fail(taken.error());
        if (*taken == 0) break;  // more is needed
        done += *taken;
        offset_ += *taken;
    }
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(done));
    return {};
}

// How many octets from the beginning are done with; 0: that is not all of it.
Result<std::size_t> SwarmFileReader::take(Bytes bytes) {
    if (expects_ == Expects::name) {
        const auto size = std::min(bytes.size(), file_name.size());
        if (as_text(bytes.first(size)) != file_name.substr(0, size))
            return broken("it is no file of saved swarms");
        if (size < file_name.size()) return 0;
        expects_ = Expects::start;
        return size;
    }
    if (expects_ == Expects::nothing) return broken("something behind the end");
    if (bytes.size() < block_head) return 0;
    const auto size = read_u32(bytes, 0);
    if (size == 0 || size > swarm_block_bytes_max) return broken("a block of no good length");
    if (bytes.size() - block_head < size) return 0;
    const auto payload = bytes.subspan(block_head, size);
    if (!std::ranges::equal(hash::sha1(payload), bytes.subspan(4, 20))) return broken("a damaged block");
    if (auto taken = take_block(payload); !taken) return fail(std::move(taken.error()));
    return block_head + size;
}

Result<void> SwarmFileReader::take_block(Bytes payload) {
    const auto kind = payload[0];
    if (expects_ == Expects::start) {
        hash::SipKey key{};
        if (kind != start_block || payload.size() != 1 + key.size()) return broken("no start");
        std::ranges::copy(payload.subspan(1), key.begin());
        expects_ = Expects::swarms;
        sink_.on_client_key(key);
        return {};
    }
    if (kind == end_block && payload.size() == 1) {
        expects_ = Expects::nothing;
        return {};
    }
    if (kind != swarms_block || !take_swarms(payload)) return broken("a block that makes no sense");
    return {};
}

// Told only when all of it makes sense.
bool SwarmFileReader::take_swarms(Bytes payload) {
    if (payload.size() < swarms_head) return false;
    const WallTime saved{static_cast<std::int64_t>(read_u64(payload, 1))};
    std::vector<KeptSwarm> swarms;
    for (auto left = payload.subspan(swarms_head); !left.empty();) {
        if (left.size() < swarm_head) return false;
        auto& swarm = swarms.emplace_back();
        std::copy_n(left.begin(), swarm.hash.size(), swarm.hash.begin());
        swarm.downloaded = read_u32(left, 20);
        const auto v4 = std::size_t{read_u32(left, 24)} * (4 + peer_tail);
        const auto v6 = std::size_t{read_u32(left, 28)} * (16 + peer_tail);
        left = left.subspan(swarm_head);
        if (v4 > left.size() || v6 > left.size() - v4) return false;
        if (!read_peers<4>(left.first(v4), swarm.peers)) return false;
        if (!read_peers<16>(left.subspan(v4, v6), swarm.peers)) return false;
        left = left.subspan(v4 + v6);
    }
    for (const auto& swarm : swarms) sink_.on_swarm(swarm, saved);
    return true;
}

Result<void> SwarmFileReader::end() const {
    if (expects_ != Expects::nothing) return broken("it is cut off");
    return {};
}

}  // namespace spate::tracker
