// SocketAddress: an Endpoint in the kernel's form.
#pragma once

#include <cstddef>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/endpoint.h"
#include "base/result.h"
#include "io/linux/unique_fd.h"

namespace spate::io_linux {

class SocketAddress {
  public:
    SocketAddress() = default;  // room for an answer
    explicit SocketAddress(const Endpoint& endpoint);

    // IPv4 in IPv6 form comes out as IPv4; a family that is neither: 0.0.0.0:0.
    Endpoint endpoint() const;
    int family() const { return address_.any.sa_family; }
    sockaddr* data() { return &address_.any; }
    const sockaddr* data() const { return &address_.any; }
    socklen_t size() const { return size_; }
    // For calls that write an address and its length.
    socklen_t* size_out() { return &size_; }
    static constexpr socklen_t capacity = sizeof(sockaddr_in6);

  private:
    union {
        sockaddr any;
        sockaddr_in v4;
        sockaddr_in6 v6;
    } address_{.v6 = {}};
    socklen_t size_ = capacity;
};

// A non-blocking, close-on-exec socket of the endpoint's family; IPv6 ones take IPv6 only.
Result<UniqueFd> open_socket(const Endpoint& endpoint, int type);
Endpoint local_endpoint(int fd);

}  // namespace spate::io_linux
