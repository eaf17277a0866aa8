#include "base/endpoint.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <functional>

#include "base/parse_number.h"

namespace spate {

Address Address::v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    return v4(std::array<std::uint8_t, 4>{a, b, c, d});
}

Address Address::v4(std::array<std::uint8_t, 4> octets) {
    Address address;
    std::copy(octets.begin(), octets.end(), address.octets_.begin());
    return address;
}

Address Address::v6(std::array<std::uint8_t, 16> octets) {
    Address address;
    address.octets_ = octets;
    address.v4_ = false;
    return address;
}

std::optional<Address> Address::parse(std::string_view text) {
    if (text.empty() || text.size() > INET6_ADDRSTRLEN || text.find('\0') != text.npos) return std::nullopt;
    const std::string terminated(text);
    std::array<std::uint8_t, 4> four{};
    if (inet_pton(AF_INET, terminated.c_str(), four.data()) == 1) return v4(four);
    std::array<std::uint8_t, 16> sixteen{};
    if (inet_pton(AF_INET6, terminated.c_str(), sixteen.data()) == 1) return v6(sixteen);
    return std::nullopt;
}

bool Address::is_loopback() const {
    if (v4_) return octets_[0] == 127;
    return std::all_of(octets_.begin(), octets_.end() - 1, [](auto o) { return o == 0; }) && octets_[15] == 1;
}

bool Address::is_unspecified() const {
    return std::all_of(octets_.begin(), octets_.end(), [](auto o) { return o == 0; });
}

bool Address::is_multicast() const {
    return v4_ ? (octets_[0] & 0xf0) == 0xe0 : octets_[0] == 0xff;
}

Address Address::unmapped() const {
    static constexpr std::array<std::uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (v4_ || !std::equal(prefix.begin(), prefix.end(), octets_.begin())) return *this;
    return v4(octets_[12], octets_[13], octets_[14], octets_[15]);
}

Address Address::source() const {
    Address source = unmapped();
    if (!source.v4_) std::fill(source.octets_.begin() + 8, source.octets_.end(), std::uint8_t{0});
    return source;
}

std::string Address::text() const {
    char buffer[INET6_ADDRSTRLEN];
    return inet_ntop(v4_ ? AF_INET : AF_INET6, octets_.data(), buffer, sizeof buffer);
}

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
    const auto host_port = HostPort::parse(text, 0);
    if (!host_port || text.empty() || text.back() == ']' || text.find(':') == text.npos) return std::nullopt;
    const auto address = Address::parse(host_port->host);
    if (!address) return std::nullopt;
    if (!address->is_v4() && text.front() != '[') return std::nullopt;
    return Endpoint{*address, host_port->port};
}

std::string Endpoint::text() const {
    return HostPort{address.text(), port}.text();
}

std::optional<HostPort> HostPort::parse(std::string_view text, std::uint16_t default_port) {
    std::string_view host = text;
    std::string_view port;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == text.npos) return std::nullopt;
        host = text.substr(1, close - 1);
        const auto rest = text.substr(close + 1);
        if (!rest.empty() && (rest.front() != ':' || rest.size() < 2)) return std::nullopt;
        if (!rest.empty()) port = rest.substr(1);
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        host = text.substr(0, text.find(':'));
        port = text.substr(text.find(':') + 1);
        if (port.empty()) return std::nullopt;
    }  // two colons and more without brackets: a bare IPv6 address
    if (host.empty() || host.size() > 253) return std::nullopt;
    // A URL, or two words.
    if (std::ranges::any_of(host, [](char c) { return c == '/' || (c >= 0 && c <= ' ') || c == 0x7f; }))
        return std::nullopt;
    if (port.empty()) return HostPort{std::string(host), default_port};
    const auto number = parse_number<std::uint16_t>(port);
    if (!number) return std::nullopt;
    return HostPort{std::string(host), *number};
}

std::string HostPort::text() const {
    const bool brackets = host.find(':') != host.npos;
    return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace spate

std::size_t std::hash<spate::Address>::operator()(const spate::Address& address) const noexcept {
    const auto& o = address.octets();
    return std::hash<std::string_view>{}(
        {reinterpret_cast<const char*>(o.data()), address.is_v4() ? 4U : 16U});
}

std::size_t std::hash<spate::Endpoint>::operator()(const spate::Endpoint& endpoint) const noexcept {
    return std::hash<spate::Address>{}(endpoint.address) * 65537U + endpoint.port;
}
