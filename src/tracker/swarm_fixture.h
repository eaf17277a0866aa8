// What the tests of the swarm store share: endpoints, and a store that is asked in short.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>

#include "tracker/swarm_store.h"

namespace spate::tracker {

inline constexpr hash::SipKey test_key{1, 2, 3};

inline hash::Sha1 swarm_hash(std::uint32_t number) {
    hash::Sha1 hash{};
    for (std::size_t i = 0; i < 4; ++i) hash[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return hash;
}

inline announce::PeerId peer_id(std::uint32_t number) {
    announce::PeerId id{};
    const auto octets = swarm_hash(number);
    std::copy_n(octets.begin(), 20, id.begin());
    return id;
}

inline Endpoint v4(std::uint32_t host, std::uint16_t port = 6881) {
    return {Address::v4(10, static_cast<std::uint8_t>(host >> 16), static_cast<std::uint8_t>(host >> 8),
                        static_cast<std::uint8_t>(host)),
            port};
}

inline Endpoint v6(std::uint32_t host, std::uint16_t port = 6881) {
    std::array<std::uint8_t, 16> octets{0xfd};
    for (std::size_t i = 0; i < 4; ++i) octets[4 + i] = static_cast<std::uint8_t>(host >> (8 * i));
    return {Address::v6(octets), port};
}

struct Store {
    explicit Store(const SwarmLimits& given = {}) : store(given, test_key, 7) {}

    announce::AnnounceReply announce(const Endpoint& from, std::uint64_t left,
                                     announce::Event event = announce::Event::none, std::uint32_t swarm = 1,
                                     std::optional<std::uint32_t> want = std::nullopt) {
        announce::AnnounceRequest request;
        request.swarm = swarm_hash(swarm);
        request.peer_id =
            id ? peer_id(*id) : peer_id(static_cast<std::uint32_t>(std::hash<Endpoint>{}(from)));
        request.port = from.port;
        request.left = left;
        request.event = event;
        request.want = want;
        request.key = key;
        announce::AnnounceReply reply;
        store.announce(request, from, wanted, now, reply);
        return reply;
    }
    announce::ScrapeCounts counts(std::uint32_t swarm = 1) { return store.counts(swarm_hash(swarm), now); }

    SwarmStore store;
    TimePoint now{std::chrono::hours(1)};
    PeersWanted wanted{50, true};
    std::optional<std::uint32_t> id;
    std::optional<std::uint32_t> key;
};

}  // namespace spate::tracker
