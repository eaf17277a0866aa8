// Address and Endpoint: an IPv4 or IPv6 address, and one with a port. Values; no resolving (see
// io::Resolver).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spate {

class Address {
  public:
    Address() = default;  // 0.0.0.0
    static Address v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d);
    static Address v4(std::array<std::uint8_t, 4> octets);
    static Address v6(std::array<std::uint8_t, 16> octets);
    static Address loopback() { return v4(127, 0, 0, 1); }
    // "192.0.2.1", "2001:db8::1"; no brackets, no zone, nothing around it. Octets of IPv4 in plain decimal
    // only.
    static std::optional<Address> parse(std::string_view text);

    bool is_v4() const { return v4_; }
    bool is_loopback() const;
    bool is_unspecified() const;
    bool is_multicast() const;
    // IPv4: octets [0, 4); IPv6: all 16.
    const std::array<std::uint8_t, 16>& octets() const { return octets_; }
    // ::ffff:a.b.c.d becomes a.b.c.d; everything else stays.
    Address unmapped() const;
    // Whom caps by address count for: an IPv4 address, or the /64 of an IPv6 one, since a /64 is one
    // household.
    Address source() const;
    std::string text() const;

    auto operator<=>(const Address&) const = default;

  private:
    std::array<std::uint8_t, 16> octets_{};
    bool v4_ = true;
};

struct Endpoint {
    Address address;
    std::uint16_t port = 0;

    // "192.0.2.1:80", "[2001:db8::1]:80". The port is required, 0 to 65535.
    static std::optional<Endpoint> parse(std::string_view text);
    std::string text() const;
    auto operator<=>(const Endpoint&) const = default;
};

// A host as a person or a tracker file writes it: an address or a name, with a port. Not resolved.
struct HostPort {
    std::string host;
    std::uint16_t port = 0;
    // "localhost:3456", "192.0.2.1:80", "[::1]:80"; without a port, default_port. Empty host: refused.
    static std::optional<HostPort> parse(std::string_view text, std::uint16_t default_port);
    std::string text() const;
    auto operator<=>(const HostPort&) const = default;
};

}  // namespace spate

template <>
struct std::hash<spate::Address> {
    std::size_t operator()(const spate::Address& address) const noexcept;
};
template <>
struct std::hash<spate::Endpoint> {
    std::size_t operator()(const spate::Endpoint& endpoint) const noexcept;
};
