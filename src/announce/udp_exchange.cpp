#include "announce/udp_exchange.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace spate::announce {
namespace {

constexpr int doublings_max = 8;  // BEP 15: 15 s to 3840 s

}  // namespace

UdpTrackerExchange::UdpTrackerExchange(UdpQuestion question, std::string url_data, IpFamily family,
                                       int sends_max, Rng& rng, TimePoint now,
                                       std::optional<UdpConnectionId> known)
    : question_(std::move(question)),
      url_data_(std::move(url_data)),
      family_(family),
      sends_left_(sends_max),
      rng_(rng),
      connection_(known),
      brought_along_(known.has_value()) {
    SPATE_ASSERT(sends_max > 0);
    send(now);
}

std::vector<std::uint8_t> UdpTrackerExchange::drain() {
    return std::exchange(unsent_, {});
}

void UdpTrackerExchange::send(TimePoint now) {
    if (connection_ && !connection_->good(now)) connection_.reset();
    transaction_ = static_cast<std::uint32_t>(rng_.next());
    unsent_.clear();
    if (connection_)
        write_question();
    else
        append_udp_request(unsent_, UdpConnect{transaction_});
    --sends_left_;
    due_ = now + udp_first_retry * (1 << std::min(unanswered_, doublings_max));
}

void UdpTrackerExchange::write_question() {
    if (const auto* announce = std::get_if<AnnounceRequest>(&question_))
        return append_udp_request(unsent_, UdpAnnounce{connection_->id, transaction_, *announce, url_data_});
    std::vector<std::uint8_t> hashes;
    for (const hash::Sha1& swarm : std::get<UdpScrapeQuestion>(question_).swarms)
        hashes.insert(hashes.end(), swarm.begin(), swarm.end());
    append_udp_request(unsent_, UdpScrape{connection_->id, transaction_, hashes});
}

void UdpTrackerExchange::on_timeout(TimePoint now) {
    if (outcome_ || now < due_) return;
    if (sends_left_ == 0) {
        outcome_ = NoAnswer{};
        return;
    }
    ++unanswered_;
    if (brought_along_) return connect_anew(now);
    send(now);
}

// The tracker may have been started again since, or counts the minute otherwise.
void UdpTrackerExchange::connect_anew(TimePoint now) {
    brought_along_ = false;
    connection_.reset();
    send(now);
}

void UdpTrackerExchange::feed(Bytes datagram, TimePoint now) {
    if (outcome_) return;
    auto reply = parse_udp_reply(datagram, family_);
    if (!reply || reply->transaction != transaction_) return;
    if (auto* failure = std::get_if<Failure>(&reply->what)) {
        if (brought_along_ && sends_left_ > 0) return connect_anew(now);
        outcome_ = std::move(*failure);
    } else if (const auto* connected = std::get_if<UdpConnectReply>(&reply->what)) {
        if (connection_) return;
        connection_ = {connected->connection_id, now};
        brought_along_ = false;
        ++sends_left_;  // the connect was answered
        send(now);
    } else if (auto* announced = std::get_if<AnnounceReply>(&reply->what)) {
        if (connection_ && std::holds_alternative<AnnounceRequest>(question_))
            outcome_ = std::move(*announced);
    } else if (auto* scraped = std::get_if<UdpScrapeReply>(&reply->what)) {
        if (connection_ && std::holds_alternative<UdpScrapeQuestion>(question_))
            outcome_ = std::move(*scraped);
    }
}

}  // namespace spate::announce
