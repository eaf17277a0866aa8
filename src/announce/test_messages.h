// For the tests of the UDP tracker protocol: an announce, written and read.
#pragma once

#include <gtest/gtest.h>
#include <variant>
#include <vector>

#include "announce/udp_messages.h"

namespace spate::announce {

using Datagram = std::vector<std::uint8_t>;

inline UdpAnnounce sample() {
    UdpAnnounce announce;
    announce.connection_id = 0x0123456789abcdef;
    announce.transaction = 77;
    announce.request.swarm.fill(1);
    announce.request.peer_id.fill(2);
    announce.request.port = 6881;
    announce.request.uploaded = 3;
    announce.request.downloaded = 4;
    announce.request.left = 4294967296;  // row 17
    announce.request.event = Event::started;
    announce.request.want = 50;
    announce.request.key = 5;
    return announce;
}

inline Datagram written(const auto& request) {
    Datagram out;
    append_udp_request(out, request);
    return out;
}

inline UdpAnnounce read_announce(Bytes datagram) {
    const auto request = parse_udp_request(datagram);
    EXPECT_TRUE(request && std::holds_alternative<UdpAnnounce>(*request));
    return std::get<UdpAnnounce>(request.value());
}

}  // namespace spate::announce
