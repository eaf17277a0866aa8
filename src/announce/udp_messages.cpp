#include "announce/udp_messages.h"

#include <algorithm>

#include "announce/endpoint_bytes.h"
#include "base/assert.h"

namespace spate::announce {
namespace {

enum Action : std::uint32_t { connect_action, announce_action, scrape_action, error_action };
enum Option : std::uint8_t { end_of_options, no_operation, url_data_option };

constexpr std::size_t request_head_bytes = 16;  // connection id, action, transaction
constexpr std::size_t announce_bytes = 98;
constexpr std::size_t announce_reply_bytes = 20;
constexpr std::size_t error_text_bytes_max = 200;  // written

template <class Digest>
Digest read_octets(Bytes datagram, std::size_t at) {
    Digest digest;
    std::copy_n(datagram.begin() + static_cast<std::ptrdiff_t>(at), digest.size(), digest.begin());
    return digest;
}

void append_octets(std::vector<std::uint8_t>& out, Bytes octets) {
    out.insert(out.end(), octets.begin(), octets.end());
}

// The URL data of all options together (BEP 41); what is unknown is passed over by its length.
std::string read_url_data(Bytes options) {
    std::string url_data;
    while (!options.empty() && options[0] != end_of_options) {
        if (options[0] == no_operation) {
            options = options.subspan(1);
            continue;
        }
        if (options.size() < 2 || options.size() - 2 < options[1]) break;
        const Bytes part = options.subspan(2, options[1]);
        if (options[0] == url_data_option)
            url_data += as_text(part.first(std::min(part.size(), url_data_bytes_max - url_data.size())));
        options = options.subspan(2 + part.size());
    }
    return url_data;
}

void append_url_data(std::vector<std::uint8_t>& out, std::string_view url_data) {
    url_data = url_data.substr(0, url_data_bytes_max);
    while (!url_data.empty()) {
        const auto part = url_data.substr(0, 255);
        out.push_back(url_data_option);
        out.push_back(static_cast<std::uint8_t>(part.size()));
        append_octets(out, as_bytes(part));
        url_data.remove_prefix(part.size());
    }
}

// BEP 15 has no number for `paused`, so it is said as over HTTP, in the query of the URL data.
constexpr std::string_view paused_word = "event=paused";

bool says_paused(std::string_view url_data) {
    const auto question = url_data.find('?');
    if (question == url_data.npos) return false;
    for (auto query = url_data.substr(question + 1);;) {
        const auto end = query.find('&');
        if (query.substr(0, end) == paused_word) return true;
        if (end == query.npos) return false;
        query.remove_prefix(end + 1);
    }
}

// The word has its place even where the URL fills all the room.
std::string with_paused(std::string_view url_data) {
    if (says_paused(url_data.substr(0, url_data_bytes_max))) return std::string(url_data);
    std::string text(url_data.empty() ? "/announce" : url_data);
    text.resize(std::min(text.size(), url_data_bytes_max - 1 - paused_word.size()));
    text += text.find('?') == text.npos ? '?' : '&';
    return text += paused_word;
}

Event event_of(std::uint32_t number) {
    return number <= static_cast<std::uint32_t>(Event::paused) ? static_cast<Event>(number) : Event::none;
}

UdpAnnounce read_announce(Bytes datagram) {
    UdpAnnounce announce;
    announce.connection_id = read_u64(datagram, 0);
    announce.transaction = read_u32(datagram, 12);
    AnnounceRequest& request = announce.request;
    request.swarm = read_octets<hash::Sha1>(datagram, 16);
    request.peer_id = read_octets<PeerId>(datagram, 36);
    request.downloaded = read_u64(datagram, 56);
    request.left = read_u64(datagram, 64);
    request.uploaded = read_u64(datagram, 72);
    request.event = event_of(read_u32(datagram, 80));
    request.key = read_u32(datagram, 88);
    const std::uint32_t want = read_u32(datagram, 92);
    if (want <= INT32_MAX) request.want = want;  // below zero: as many as the tracker likes
    request.port = read_u16(datagram, 96);
    announce.url_data = read_url_data(datagram.subspan(announce_bytes));
    if (request.event == Event::none && says_paused(announce.url_data)) request.event = Event::paused;
    return announce;
}

UdpScrape read_scrape(Bytes datagram) {
    const Bytes hashes = datagram.subspan(request_head_bytes);
    const std::size_t count = std::min(hashes.size() / 20, scrape_hashes_max);
    return {read_u64(datagram, 0), read_u32(datagram, 12), hashes.first(count * 20)};
}

void append_reply_head(std::vector<std::uint8_t>& out, Action action, std::uint32_t transaction) {
    append_u32(out, action);
    append_u32(out, transaction);
}

void append_request_head(std::vector<std::uint8_t>& out, std::uint64_t id, Action action,
                         std::uint32_t transaction) {
    append_u64(out, id);
    append_reply_head(out, action, transaction);
}

AnnounceReply read_announce_reply(Bytes datagram, IpFamily family) {
    AnnounceReply reply;
    reply.interval = read_u32(datagram, 8);
    reply.incomplete = read_u32(datagram, 12);
    reply.complete = read_u32(datagram, 16);
    read_endpoints(datagram.subspan(announce_reply_bytes), family, reply.peers);
    return reply;
}

UdpScrapeReply read_scrape_reply(Bytes datagram) {
    UdpScrapeReply reply;
    for (std::size_t at = 8; at + 12 <= datagram.size() && reply.counts.size() < scrape_hashes_max; at += 12)
        reply.counts.push_back(
            {read_u32(datagram, at), read_u32(datagram, at + 4), read_u32(datagram, at + 8), {}});
    return reply;
}

}  // namespace

hash::Sha1 UdpScrape::hash(std::size_t index) const {
    SPATE_ASSERT(index < count());
    return read_octets<hash::Sha1>(hashes, index * 20);
}

std::optional<UdpRequest> parse_udp_request(Bytes datagram) {
    if (datagram.size() < request_head_bytes) return std::nullopt;
    switch (read_u32(datagram, 8)) {
        case connect_action:
            if (read_u64(datagram, 0) != udp_protocol_magic) return std::nullopt;
            return UdpConnect{read_u32(datagram, 12)};
        case announce_action:
            if (datagram.size() < announce_bytes) return std::nullopt;
            return read_announce(datagram);
        case scrape_action:
            return read_scrape(datagram);
        default:
            return std::nullopt;
    }
}

std::optional<std::uint64_t> udp_connection_id(Bytes datagram) {
    if (datagram.size() < request_head_bytes) return std::nullopt;
    const std::uint32_t action = read_u32(datagram, 8);
    if (action != announce_action && action != scrape_action) return std::nullopt;
    return read_u64(datagram, 0);
}

void append_udp_connect_reply(std::vector<std::uint8_t>& out, std::uint32_t transaction,
                              std::uint64_t connection_id) {
    append_reply_head(out, connect_action, transaction);
    append_u64(out, connection_id);
}

void append_udp_announce_reply(std::vector<std::uint8_t>& out, std::uint32_t transaction,
                               const AnnounceReply& reply, IpFamily asker) {
    append_reply_head(out, announce_action, transaction);
    append_u32(out, reply.interval);
    append_u32(out, reply.incomplete);
    append_u32(out, reply.complete);
    std::size_t room = asker == IpFamily::v4 ? udp_peers_max_v4 : udp_peers_max_v6;
    for (const Endpoint& peer : reply.peers) {
        if (family_of(peer.address) != asker) continue;
        if (room-- == 0) return;
        append_endpoint(out, peer);
    }
}

void append_udp_scrape_reply(std::vector<std::uint8_t>& out, std::uint32_t transaction,
                             std::span<const ScrapeCounts> counts) {
    append_reply_head(out, scrape_action, transaction);
    for (const ScrapeCounts& one : counts.first(std::min(counts.size(), scrape_hashes_max))) {
        append_u32(out, one.complete);
        append_u32(out, one.downloaded);
        append_u32(out, one.incomplete);
    }
}

void append_udp_error(std::vector<std::uint8_t>& out, std::uint32_t transaction, std::string_view reason) {
    append_reply_head(out, error_action, transaction);
    append_octets(out, as_bytes(reason.substr(0, error_text_bytes_max)));
}

void append_udp_request(std::vector<std::uint8_t>& out, const UdpConnect& connect) {
    append_request_head(out, udp_protocol_magic, connect_action, connect.transaction);
}

void append_udp_request(std::vector<std::uint8_t>& out, const UdpAnnounce& announce) {
    const AnnounceRequest& request = announce.request;
    append_request_head(out, announce.connection_id, announce_action, announce.transaction);
    append_octets(out, request.swarm);
    append_octets(out, request.peer_id);
    append_u64(out, request.downloaded);
    append_u64(out, request.left);
    append_u64(out, request.uploaded);
    const bool paused = request.event == Event::paused;
    append_u32(out, paused ? 0 : static_cast<std::uint32_t>(request.event));
    append_u32(out, 0);  // IP address: where the datagram comes from
    append_u32(out, request.key.value_or(0));
    append_u32(out, request.want ? std::min<std::uint32_t>(*request.want, INT32_MAX) : UINT32_MAX);
    append_u16(out, request.port);
    append_url_data(out, paused ? with_paused(announce.url_data) : announce.url_data);
}

void append_udp_request(std::vector<std::uint8_t>& out, const UdpScrape& scrape) {
    append_request_head(out, scrape.connection_id, scrape_action, scrape.transaction);
    append_octets(out, scrape.hashes);
}

std::optional<UdpReply> parse_udp_reply(Bytes datagram, IpFamily family) {
    if (datagram.size() < 8) return std::nullopt;
    UdpReply reply;
    reply.transaction = read_u32(datagram, 4);
    switch (read_u32(datagram, 0)) {
        case connect_action:
            if (datagram.size() < 16) return std::nullopt;
            reply.what = UdpConnectReply{read_u64(datagram, 8)};
            return reply;
        case announce_action:
            if (datagram.size() < announce_reply_bytes) return std::nullopt;
            reply.what = read_announce_reply(datagram, family);
            return reply;
        case scrape_action:
            reply.what = read_scrape_reply(datagram);
            return reply;
        case error_action:
            reply.what = Failure{std::string(as_text(datagram.subspan(8)).substr(0, failure_bytes_max)), {}};
            return reply;
        default:
            return std::nullopt;
    }
}

}  // namespace spate::announce
