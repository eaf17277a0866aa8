// Tracker datagrams, both sides, and the client's machine fed with a row of them: length, seconds, bytes.
#include <algorithm>

#include "announce/udp_exchange.h"
#include "base/assert.h"

using namespace spate;
using namespace spate::announce;

namespace {
void check_request(Bytes datagram) {
    const auto request = parse_udp_request(datagram);
    if (!request) return;
    std::vector<std::uint8_t> out;
    std::visit([&](const auto& one) { append_udp_request(out, one); }, *request);
    const auto again = parse_udp_request(out);
    SPATE_ASSERT(again && again->index() == request->index());
    if (const auto* announce = std::get_if<UdpAnnounce>(&*request)) {
        const auto& same = std::get<UdpAnnounce>(*again);
        SPATE_ASSERT(same.request == announce->request);
        if (announce->request.event ==
            Event::paused) {  // a word of the URL data, which may have been a number
            std::vector<std::uint8_t> twice;
            append_udp_request(twice, same);
            SPATE_ASSERT(twice == out);
        } else {
            SPATE_ASSERT(same.url_data == announce->url_data);
        }
    }
}

void check_reply(Bytes datagram, IpFamily family) {
    const auto reply = parse_udp_reply(datagram, family);
    if (!reply || !std::holds_alternative<AnnounceReply>(reply->what)) return;
    std::vector<std::uint8_t> out;
    append_udp_announce_reply(out, reply->transaction, std::get<AnnounceReply>(reply->what), family);
    SPATE_ASSERT(out.size() <= udp_reply_bytes_max);
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes rest(data, size);
    check_request(rest);
    check_reply(rest, IpFamily::v4);
    check_reply(rest, IpFamily::v6);
    Rng rng(1);
    TimePoint now{};
    UdpTrackerExchange exchange(AnnounceRequest{}, "/x", IpFamily::v4, 5, rng, now);
    while (rest.size() >= 2 && !exchange.outcome()) {
        now += std::chrono::seconds(rest[1]);
        exchange.on_timeout(now);
        SPATE_ASSERT(exchange.outcome() || exchange.next_timeout() > now);
        const auto sent = exchange.drain();
        std::vector<std::uint8_t> datagram(
            rest.begin() + 2, rest.begin() + 2 + std::min<std::ptrdiff_t>(rest[0], std::ssize(rest) - 2));
        rest = rest.subspan(2 + datagram.size());
        if (sent.size() >= 16 && datagram.size() >= 8)  // so that some are taken for the answer
            std::copy_n(sent.begin() + 12, 4, datagram.begin() + 4);
        exchange.feed(datagram, now);
    }
    return 0;
}
