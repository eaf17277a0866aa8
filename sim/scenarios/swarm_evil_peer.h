// Peers of a BitTorrent swarm that do wrong on the raw wire, one kind each: the rows 26 to 50 of what peers
// are known to do to each other. They listen, are told to the members, and call on the members by themselves.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "io/world.h"
#include "piece_store/test_torrent.h"
#include "sim/simulation.h"

namespace spate::sim {

enum class EvilKind : std::uint8_t {
    giant_length,       // 4 GiB, or more than the type can have
    bad_bitfield,       // short, long, with spare bits, twice
    bad_requests,       // beyond the end, wrapping, too long
    request_flood,      // 20,000 requests, no answer read
    huge_queue,         // claims a reqq of 4 G and everything, answers nothing
    corrupt_blocks,     // answers with wrong bytes
    unasked_blocks,     // sends blocks of its own accord
    fast_drain,         // asks for the allowed-fast pieces again and again
    slow_loris,         // half a handshake, then a byte a minute, on many connections
    duplicates,         // many connections with one peer id, or with the victim's own
    have_mixes,         // have all, have none and a bitfield; suggestions without end
    lying_have,         // says it has everything and refuses everything
    choke_games,        // chokes, unchokes, is interested and is not, thousands of times
    metadata_size,      // claims 4 GiB of metadata, or another size each time
    false_metadata,     // serves wrong metadata
    metadata_flood,     // asks for metadata without reading it
    extension_games,    // one id for two extensions, ids that change, ids of 0, no bencode
    unasked_hashes,     // with unknown roots
    bad_hash_requests,  // counts that are no power of two, wrapping indices, silly proofs
    hash_flood,         // valid ones, no answer read
    false_hashes,       // answers hash requests with hashes that prove nothing
    false_v2,           // claims v2 on whatever it is
    pex_flood,          // thousands of peers that are not there
    free_rider,         // asks for everything and gives nothing
    small_queue,        // takes 3 requests at once, and answers them well
    silent,             // greets on many connections, and says nothing more
    never_asks,         // the same, but for saying that it is interested
};
inline constexpr std::size_t evil_swarm_kinds = 27;
std::string_view name(EvilKind kind);
// Its connections are as many peers.
inline bool is_crowd(EvilKind kind) {
    return kind == EvilKind::silent || kind == EvilKind::never_asks;
}
// It may be banned; no other.
inline bool sends_false_bytes(EvilKind kind) {
    return kind == EvilKind::corrupt_blocks || kind == EvilKind::unasked_blocks;
}

struct EvilSettings {
    EvilKind kind = EvilKind::giant_length;
    std::shared_ptr<const piece_store::TestTorrent> torrent;
    std::vector<Endpoint> victims;
    std::uint64_t seed = 1;
    std::shared_ptr<std::map<Address, std::uint64_t>> taken;  // bytes of blocks, by who gave them
};

class EvilSwarmPeer final : public io::ListenerHandler {
  public:
    static constexpr std::uint16_t port = 6666;

    EvilSwarmPeer(io::World& world, Simulation& simulation, EvilSettings settings);
    ~EvilSwarmPeer() override;

  private:
    class Session;
    void on_accept(std::unique_ptr<io::Stream> stream) override;
    void on_accept_error(const Error&) override {}
    std::array<std::uint8_t, 20> greeting_id();
    void call();
    void call_on(const Endpoint& victim);
    void over(Session* session);

    io::World& world_;
    Simulation& simulation_;
    EvilSettings settings_;
    Rng rng_;
    std::array<std::uint8_t, 20> id_{};
    std::unique_ptr<io::Listener> listener_;
    std::unique_ptr<io::Timer> call_timer_;
    std::map<std::uint64_t, std::unique_ptr<io::Pending>> calls_;
    std::map<std::uint64_t, std::unique_ptr<Session>> sessions_;
    std::uint64_t next_ = 1;
};

}  // namespace spate::sim
