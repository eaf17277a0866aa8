#include "io/linux/socket_address.h"

#include <cerrno>
#include <cstring>

namespace spate::io_linux {

SocketAddress::SocketAddress(const Endpoint& endpoint) {
    const auto& octets = endpoint.address.octets();
    if (endpoint.address.is_v4()) {
        address_.v4 = {};
        address_.v4.sin_family = AF_INET;
        address_.v4.sin_port = htons(endpoint.port);
        std::memcpy(&address_.v4.sin_addr, octets.data(), 4);
        size_ = sizeof(sockaddr_in);
    } else {
        address_.v6.sin6_family = AF_INET6;
        address_.v6.sin6_port = htons(endpoint.port);
        std::memcpy(&address_.v6.sin6_addr, octets.data(), 16);
    }
}

Endpoint SocketAddress::endpoint() const {
    if (family() == AF_INET) {
        std::array<std::uint8_t, 4> octets{};
        std::memcpy(octets.data(), &address_.v4.sin_addr, 4);
        return {Address::v4(octets), ntohs(address_.v4.sin_port)};
    }
    if (family() == AF_INET6) {
        std::array<std::uint8_t, 16> octets{};
        std::memcpy(octets.data(), &address_.v6.sin6_addr, 16);
        return {Address::v6(octets).unmapped(), ntohs(address_.v6.sin6_port)};
    }
    return {};
}

Result<UniqueFd> open_socket(const Endpoint& endpoint, int type) {
    const bool v4 = endpoint.address.is_v4();
    UniqueFd fd(::socket(v4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return fail(Error::system(errno, "open socket", endpoint.text()));
    const int on = 1;
    if (!v4 && ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) {
        return fail(Error::system(errno, "set up socket", endpoint.text()));
    }
    return fd;
}

Endpoint local_endpoint(int fd) {
    SocketAddress address;
    if (::getsockname(fd, address.data(), address.size_out()) != 0) return {};
    return address.endpoint();
}

}  // namespace spate::io_linux
