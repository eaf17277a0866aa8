#include "tracker/udp_answers.h"

#include <string_view>
#include <variant>

namespace spate::tracker {

namespace {

constexpr std::uint32_t errors_per_second = 5;
constexpr std::uint32_t errors_burst = 20;
constexpr std::size_t error_head_bytes = 8;
constexpr std::string_view bad_id = "connection id mismatch: connect again";

std::uint32_t transaction_of(Bytes datagram) {
    std::uint32_t transaction = 0;
    for (std::size_t i = 12; i < 16; ++i) transaction = transaction << 8 | datagram[i];
    return transaction;
}

}  // namespace

UdpAnswers::UdpAnswers(Announcements& announcements, const hash::SipKey& key)
    : announcements_(announcements), ids_(key), errors_(errors_per_second, errors_burst, key) {}

void UdpAnswers::answer(const Endpoint& from, Bytes datagram, TimePoint now, std::vector<std::uint8_t>& out) {
    const auto before = out.size();
    const auto id = announce::udp_connection_id(datagram);
    if (from.port == 0) {
        // Nobody can be answered there.
    } else if (id && !ids_.valid(*id, from.address, now)) {
        refuse_id(from, datagram, now, out);
    } else if (auto request = announce::parse_udp_request(datagram)) {
        if (const auto* connect = std::get_if<announce::UdpConnect>(&*request)) {
            announce::append_udp_connect_reply(out, connect->transaction, ids_.issue(from.address, now));
        } else if (announcements_.admit(from.address, now)) {
            if (auto* asked = std::get_if<announce::UdpAnnounce>(&*request)) announce(from, *asked, now, out);
            if (auto* asked = std::get_if<announce::UdpScrape>(&*request)) scrape(*asked, now, out);
        }
    }
    if (out.size() == before) ++counters_.dropped;
}

// Never longer than the question: the address may be forged.
void UdpAnswers::refuse_id(const Endpoint& from, Bytes datagram, TimePoint now,
                           std::vector<std::uint8_t>& out) {
    if (!errors_.take(from.address, now)) return;
    ++counters_.failures;
    announce::append_udp_error(out, transaction_of(datagram),
                               bad_id.substr(0, datagram.size() - error_head_bytes));
}

void UdpAnswers::announce(const Endpoint& from, announce::UdpAnnounce& asked, TimePoint now,
                          std::vector<std::uint8_t>& out) {
    ++counters_.announces;
    const auto path = std::string_view(asked.url_data).substr(0, asked.url_data.find('?'));
    announcements_.announce(asked.request, path, from.address, false, now, reply_);
    announce::append_udp_announce_reply(out, asked.transaction, reply_, announce::family_of(from.address));
}

void UdpAnswers::scrape(const announce::UdpScrape& asked, TimePoint now, std::vector<std::uint8_t>& out) {
    ++counters_.scrapes;
    counts_.clear();
    for (std::size_t i = 0; i < asked.count(); ++i)
        counts_.push_back(announcements_.scrape(asked.hash(i), {}, now));
    announce::append_udp_scrape_reply(out, asked.transaction, counts_);
}

}  // namespace spate::tracker
