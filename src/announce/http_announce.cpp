#include "announce/http_announce.h"

#include <algorithm>

#include "announce/endpoint_bytes.h"
#include "base/hex.h"
#include "base/parse_number.h"
#include "bencode/writer.h"
#include "http/query.h"

namespace spate::announce {
namespace {

// Clients add their "?info_hash=" to announce URLs that have a query already.
constexpr std::string_view separators = "&?";

std::unexpected<Failure> failed(std::string reason) {
    return std::unexpected(Failure{std::move(reason), std::nullopt});
}

std::optional<std::array<std::uint8_t, 20>> twenty_octets(std::string_view raw) {
    const auto octets = http::percent_decoded(raw);
    if (!octets || octets->size() != 20) return std::nullopt;
    std::array<std::uint8_t, 20> out;
    std::ranges::copy(as_bytes(*octets), out.begin());
    return out;
}

Event event_of(std::string_view text) {
    if (text == "started") return Event::started;
    if (text == "completed") return Event::completed;
    if (text == "stopped") return Event::stopped;
    if (text == "paused") return Event::paused;
    return Event::none;
}

std::optional<std::uint32_t> want_of(std::string_view text) {
    const auto number = parse_number<std::int64_t>(text);
    if (!number || *number < 0) return std::nullopt;
    return static_cast<std::uint32_t>(std::min<std::int64_t>(*number, UINT32_MAX));
}

// Any text over HTTP, a number over UDP: eight hexadecimal digits, as clients write that number, mean it;
// FNV-1a makes one of anything else.
std::uint32_t key_of(std::string_view text) {
    if (const auto octets = from_hex(text); octets && octets->size() == 4) return read_u32(*octets, 0);
    std::uint32_t hash = 2166136261U;
    for (const std::uint8_t octet : as_bytes(text)) hash = (hash ^ octet) * 16777619U;
    return hash;
}

void write_compact_peers(bencode::Writer& writer, const std::vector<Endpoint>& peers) {
    std::string v4;
    std::string v6;
    for (const Endpoint& peer : peers)
        append_endpoint(family_of(peer.address) == IpFamily::v4 ? v4 : v6, peer);
    writer.key("peers").string(v4);
    if (!v6.empty()) writer.key("peers6").string(v6);
}

void write_peer_dictionaries(bencode::Writer& writer, const std::vector<Endpoint>& peers) {
    writer.key("peers").begin_list();
    for (const Endpoint& peer : peers) {
        writer.begin_dictionary();
        writer.key("ip").string(peer.address.unmapped().text());
        writer.key("port").integer(peer.port);
        writer.end();
    }
    writer.end();
}

std::string_view octets_of(const Address& address) {
    const auto& octets = address.octets();
    return as_text(Bytes(octets).first(address.is_v4() ? 4 : 16));
}

}  // namespace

std::expected<AnnounceRequest, Failure> parse_announce_query(std::string_view raw_query) {
    AnnounceRequest request;
    bool has_hash = false;
    bool has_peer_id = false;
    bool has_port = false;
    http::QueryReader reader(raw_query, separators);
    while (const auto parameter = reader.next()) {
        if (!parameter->value) continue;
        const std::string_view key = parameter->key;
        const std::string_view value = *parameter->value;
        if (key == "info_hash") {
            if (has_hash) return failed("more than one info_hash");
            const auto hash = twenty_octets(value);
            if (!hash) return failed("info_hash is not 20 bytes");
            request.swarm = *hash;
            has_hash = true;
        } else if (key == "peer_id") {
            const auto id = twenty_octets(value);
            if (!id) return failed("peer_id is not 20 bytes");
            request.peer_id = *id;
            has_peer_id = true;
        } else if (key == "port") {
            const auto port = parse_number<std::uint16_t>(value);
            if (!port) return failed("port is not a number from 0 to 65535");
            request.port = *port;
            has_port = true;
        } else if (key == "uploaded") {
            request.uploaded = parse_number<std::uint64_t>(value).value_or(0);
        } else if (key == "downloaded") {
            request.downloaded = parse_number<std::uint64_t>(value).value_or(0);
        } else if (key == "left") {
            request.left = parse_number<std::uint64_t>(value).value_or(left_unknown);
        } else if (key == "event") {
            request.event = event_of(value);
        } else if (key == "numwant") {
            request.want = want_of(value);
        } else if (key == "key") {
            request.key = key_of(value);
        } else if (key == "compact") {
            request.compact = value != "0";
        } else if (key == "trackerid") {
            request.tracker_id = http::percent_decoded(value).value_or("").substr(0, tracker_id_bytes_max);
        }
    }
    if (!has_hash) return failed("info_hash is missing");
    if (!has_peer_id) return failed("peer_id is missing");
    if (!has_port) return failed("port is missing");
    return request;
}

std::expected<std::vector<hash::Sha1>, Failure> parse_scrape_query(std::string_view raw_query) {
    std::vector<hash::Sha1> hashes;
    http::QueryReader reader(raw_query, separators);
    while (const auto parameter = reader.next()) {
        if (parameter->key != "info_hash" || !parameter->value) continue;
        const auto hash = twenty_octets(*parameter->value);
        if (!hash) return failed("info_hash is not 20 bytes");
        if (hashes.size() < scrape_hashes_max) hashes.push_back(*hash);
    }
    if (hashes.empty()) return failed("a scrape needs an info_hash");
    return hashes;
}

std::string write_announce_reply(const AnnounceReply& reply, bool compact) {
    bencode::Writer writer;
    writer.begin_dictionary();
    writer.key("complete").integer(reply.complete);
    if (reply.downloaded) writer.key("downloaded").integer(*reply.downloaded);
    if (reply.external_ip) {
        const Address address = reply.external_ip->unmapped();
        writer.key("external ip").string(octets_of(address));
    }
    writer.key("incomplete").integer(reply.incomplete);
    writer.key("interval").integer(reply.interval);
    if (reply.min_interval) writer.key("min interval").integer(*reply.min_interval);
    if (compact)
        write_compact_peers(writer, reply.peers);
    else
        write_peer_dictionaries(writer, reply.peers);
    if (!reply.tracker_id.empty()) writer.key("tracker id").string(reply.tracker_id);
    if (!reply.warning.empty()) writer.key("warning message").string(reply.warning);
    writer.end();
    return writer.take();
}

std::string write_failure(const Failure& failure) {
    bencode::Writer writer;
    writer.begin_dictionary();
    writer.key("failure reason").string(failure.reason);
    if (failure.retry_in) {
        writer.key("retry in");
        if (failure.retry_in->never)
            writer.string("never");
        else
            writer.integer(failure.retry_in->minutes);
    }
    writer.end();
    return writer.take();
}

std::string write_scrape_reply(const std::vector<std::pair<hash::Sha1, ScrapeCounts>>& files) {
    auto sorted = files;
    std::ranges::sort(sorted, {}, &std::pair<hash::Sha1, ScrapeCounts>::first);
    const auto repeated = std::ranges::unique(sorted, {}, &std::pair<hash::Sha1, ScrapeCounts>::first);
    sorted.erase(repeated.begin(), repeated.end());
    bencode::Writer writer;
    writer.begin_dictionary();
    writer.key("files").begin_dictionary();
    for (const auto& [hash, counts] : sorted) {
        writer.key(as_text(hash)).begin_dictionary();
        writer.key("complete").integer(counts.complete);
        writer.key("downloaded").integer(counts.downloaded);
        if (counts.downloaders) writer.key("downloaders").integer(*counts.downloaders);
        writer.key("incomplete").integer(counts.incomplete);
        writer.end();
    }
    writer.end().end();
    return writer.take();
}

}  // namespace spate::announce
