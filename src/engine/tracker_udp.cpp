#include "engine/tracker_udp.h"

#include <algorithm>
#include <array>

#include "http_client/address_rules.h"

namespace spate::engine {
namespace {

constexpr int sends_max = 4;
constexpr std::size_t datagram_bytes_max = 16 << 10;

// BEP 41 is for trackers that serve more than one path; old ones know nothing of it, so the usual path is not
// named.
std::string url_data_of(const http::Url& url) {
    const std::string target = url.target();
    return target == "/" || target == "/announce" ? std::string() : target;
}

}  // namespace

UdpTrackerQuestion::UdpTrackerQuestion(io::World& world, Rng& rng, UdpConnections& connections,
                                       const TrackerAddress& tracker,
                                       const announce::AnnounceRequest& request, Duration time_limit,
                                       AnnounceDone done)
    : world_(world),
      rng_(rng),
      connections_(connections),
      tracker_(tracker),
      request_(request),
      done_(std::move(done)),
      deadline_(world.reactor.now() + time_limit),
      timer_(world.reactor.make_timer([this] { on_timer(); })) {
    timer_->arm(deadline_);
    resolving_ = world_.resolver.resolve(tracker_.url.host, [this](Result<std::vector<Address>> addresses) {
        on_resolved(std::move(addresses));
    });
}

Error UdpTrackerQuestion::error(std::string why, std::errc kind) const {
    return Error::invalid("ask", tracker_.url.text(), std::move(why), kind);
}

void UdpTrackerQuestion::on_resolved(Result<std::vector<Address>> addresses) {
    if (!addresses) return finish(fail(addresses.error()));
    const auto fits = [this](const Address& address) {
        return announce::family_of(address) == tracker_.family;
    };
    const auto may = [&](const Address& address) {
        return fits(address) && http_client::tracker_may_be_at(address, tracker_.url);
    };
    if (std::ranges::none_of(*addresses, fits))
        return finish(fail(error("it has no address of this kind", std::errc::address_family_not_supported)));
    const auto found = std::ranges::find_if(*addresses, may);
    if (found == addresses->end())
        return finish(fail(error("a tracker at a local address is asked for announces only",
                                 std::errc::operation_not_permitted)));
    begin(found->unmapped());
}

void UdpTrackerQuestion::begin(const Address& address) {
    remote_ = {address, tracker_.url.port};
    const TimePoint now = world_.reactor.now();
    std::optional<announce::UdpConnectionId> id;
    if (auto there = connections_.take(remote_, now)) {
        socket_ = std::move(there->socket);
        id = there->id;
    } else {
        auto opened = world_.network.open_datagram({address.is_v4() ? Address() : Address::v6({}), 0});
        if (!opened) return finish(fail(opened.error()));
        socket_ = std::move(*opened);
    }
    socket_->set_handler(*this);
    socket_->wait_readable();
    exchange_.emplace(request_, url_data_of(tracker_.url), tracker_.family, sends_max, rng_, now, id);
    go_on();
}

void UdpTrackerQuestion::on_datagrams_readable() {
    std::vector<std::uint8_t> buffer(datagram_bytes_max);
    std::array<io::ReceivedDatagram, 1> into{{{{}, buffer, 0}}};
    const auto count = socket_->receive(into);
    if (!count) return finish(fail(count.error()));
    if (*count == 1 && into[0].from.address.unmapped() == remote_.address &&
        into[0].from.port == remote_.port)
        exchange_->feed(Bytes(buffer).first(into[0].length), world_.reactor.now());
    socket_->wait_readable();
    go_on();
}

void UdpTrackerQuestion::on_timer() {
    const TimePoint now = world_.reactor.now();
    if (now >= deadline_ || !exchange_) return finish(fail(error("no answer in time", std::errc::timed_out)));
    exchange_->on_timeout(now);
    go_on();
}

void UdpTrackerQuestion::go_on() {
    if (const auto& outcome = exchange_->outcome()) {
        if (const auto* reply = std::get_if<announce::AnnounceReply>(&*outcome)) return finish(*reply);
        if (const auto* failure = std::get_if<announce::Failure>(&*outcome)) return finish(*failure);
        return finish(fail(error("no answer", std::errc::timed_out)));
    }
    if (auto fresh = exchange_->drain(); !fresh.empty()) unsent_ = std::move(fresh);
    if (!unsent_.empty()) {
        const std::array<io::OutgoingDatagram, 1> one{{{remote_, unsent_}}};
        const auto sent = socket_->send(one);
        if (!sent) return finish(fail(sent.error()));
        if (*sent == 0)
            socket_->wait_writable();
        else
            unsent_.clear();
    }
    timer_->arm(std::min(deadline_, exchange_->next_timeout()));
}

void UdpTrackerQuestion::finish(Result<AnnounceAnswer> answer) {
    timer_->disarm();
    resolving_.reset();
    if (answer && exchange_ && exchange_->connection())
        connections_.keep({remote_, std::move(socket_), *exchange_->connection()}, world_.reactor.now());
    socket_.reset();
    auto done = std::move(done_);  // it may destroy this
    done(std::move(answer));
}

}  // namespace spate::engine
