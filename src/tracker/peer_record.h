// PeerRecord: one peer of one swarm as the store keeps it: endpoint, kind, when it was last heard of, and a
// keyed digest of its peer_id and key. 12 bytes for IPv4, 24 for IPv6. Values.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "base/endpoint.h"
#include "base/time.h"

namespace spate::tracker {

// Time in steps of 8 seconds, kept in 13 bits: wraps after 18 hours, so a life is at most 9.
class Tick {
  public:
    static constexpr std::uint16_t mask = 0x1fff;
    static constexpr int seconds = 8;

    Tick() = default;
    explicit Tick(std::uint64_t steps) : value_(static_cast<std::uint16_t>(steps & mask)) {}
    std::uint16_t value() const { return value_; }
    // Steps from `earlier` to this.
    std::uint16_t since(Tick earlier) const {
        return static_cast<std::uint16_t>((value_ - earlier.value_) & mask);
    }
    // `steps` earlier, at most mask.
    Tick before(std::uint16_t steps) const { return Tick(std::uint64_t{value_} + mask + 1 - steps); }
    bool operator==(const Tick&) const = default;

  private:
    std::uint16_t value_ = 0;
};

inline Tick tick_at(TimePoint now) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    return Tick(static_cast<std::uint64_t>(seconds) / Tick::seconds);
}

enum class PeerKind : std::uint8_t { leecher, partial_seed, seed };

template <std::size_t address_bytes>
struct PeerRecord {
    std::array<std::uint8_t, address_bytes> address{};
    std::uint16_t port = 0;
    std::uint16_t state = 0;   // kind (2 bits), second (1), tick (13)
    std::uint32_t client = 0;  // digest of peer_id and key

    PeerKind kind() const { return static_cast<PeerKind>(state >> 14); }
    // The other family's record of this client is the one that counts in statistics.
    bool second() const { return (state & 0x2000U) != 0; }
    Tick heard() const { return Tick(state); }
    void set(PeerKind kind, bool second, Tick heard) {
        state = static_cast<std::uint16_t>((static_cast<unsigned>(kind) << 14) | (second ? 0x2000U : 0U) |
                                           heard.value());
    }

    void set_endpoint(const Endpoint& endpoint) {
        std::memcpy(address.data(), endpoint.address.octets().data(), address_bytes);
        port = endpoint.port;
    }
    bool same_address(const Address& other) const {
        return std::memcmp(address.data(), other.octets().data(), address_bytes) == 0;
    }
    bool is_at(const Endpoint& endpoint) const {
        return port == endpoint.port && same_address(endpoint.address);
    }
    Address address_value() const {
        if constexpr (address_bytes == 4)
            return Address::v4(address);
        else
            return Address::v6(address);
    }
    Endpoint endpoint() const { return {address_value(), port}; }
};

using PeerV4 = PeerRecord<4>;
using PeerV6 = PeerRecord<16>;
static_assert(sizeof(PeerV4) == 12 && sizeof(PeerV6) == 24);

}  // namespace spate::tracker
