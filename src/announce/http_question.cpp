#include "announce/http_question.h"

#include <algorithm>

#include "announce/endpoint_bytes.h"
#include "base/hex.h"
#include "bencode/reader.h"

namespace spate::announce {
namespace {

constexpr bencode::Limits reply_limits{.depth_max = 8, .nodes_max = 100'000};

Error bad_reply(std::string why) {
    return Error::invalid("read reply of tracker", "", std::move(why), std::errc::bad_message);
}

std::string_view event_text(Event event) {
    switch (event) {
        case Event::none:
            return "";
        case Event::completed:
            return "completed";
        case Event::started:
            return "started";
        case Event::stopped:
            return "stopped";
        case Event::paused:
            return "paused";
    }
    return "";
}

std::string hex_of(std::uint32_t key) {
    std::vector<std::uint8_t> octets;
    append_u32(octets, key);
    return to_hex(octets);
}

void add_parameter(std::string& query, std::string_view key, std::string_view value) {
    if (!query.empty() && query.back() != '&') query += '&';
    query += key;
    query += '=';
    query += value;
}

std::optional<std::int64_t> integer_at(const bencode::Value& dictionary, std::string_view key) {
    const auto value = dictionary.find(key);
    return value ? value->integer() : std::nullopt;
}

std::string text_at(const bencode::Value& dictionary, std::string_view key, std::size_t length_max) {
    const auto value = dictionary.find(key);
    const auto text = value ? value->string() : std::nullopt;
    return text ? std::string(text->substr(0, length_max)) : std::string();
}

std::uint32_t held_in_u32(std::int64_t number) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(number, 0, UINT32_MAX));
}

std::optional<std::uint32_t> count_at(const bencode::Value& dictionary, std::string_view key) {
    const auto number = integer_at(dictionary, key);
    return number ? std::optional(held_in_u32(*number)) : std::nullopt;
}

std::optional<Failure> failure_in(const bencode::Value& reply) {
    const auto reason = reply.find("failure reason");
    if (!reason) return std::nullopt;
    Failure failure{std::string(reason->string().value_or("").substr(0, failure_bytes_max)), std::nullopt};
    if (const auto minutes = integer_at(reply, "retry in"); minutes && *minutes >= 0)
        failure.retry_in = RetryIn{.never = false, .minutes = held_in_u32(*minutes)};
    else if (text_at(reply, "retry in", 10) == "never")
        failure.retry_in = RetryIn{.never = true, .minutes = 0};
    return failure;
}

void read_peer_dictionaries(const bencode::Elements& list, std::vector<Endpoint>& into) {
    for (const bencode::Value peer : list) {
        if (into.size() == peers_in_reply_max) return;
        const auto address = Address::parse(text_at(peer, "ip", 100));
        const auto port = integer_at(peer, "port");
        if (address && port && *port > 0 && *port <= UINT16_MAX)
            into.push_back({address->unmapped(), static_cast<std::uint16_t>(*port)});
    }
}

// True when there was such a field at all.
bool read_peers(const bencode::Value& reply, std::string_view key, IpFamily family,
                std::vector<Endpoint>& into) {
    const auto peers = reply.find(key);
    if (!peers) return false;
    if (const auto packed = peers->string()) read_endpoints(as_bytes(*packed), family, into);
    if (const auto list = peers->list()) read_peer_dictionaries(*list, into);
    return true;
}

// Four or sixteen octets, or text.
std::optional<Address> address_in(std::string_view octets) {
    if (octets.size() == 4) {
        const Bytes b = as_bytes(octets);
        return Address::v4(b[0], b[1], b[2], b[3]);
    }
    if (octets.size() == 16) {
        std::array<std::uint8_t, 16> sixteen;
        std::ranges::copy(as_bytes(octets), sixteen.begin());
        return Address::v6(sixteen).unmapped();
    }
    return Address::parse(octets);
}

Result<bencode::Document> read_dictionary(std::string_view body) {
    auto document = bencode::Document::parse(as_bytes(body), reply_limits);
    if (!document) return fail(bad_reply(document.error().message()));
    if (!document->root().is(bencode::Kind::dictionary)) return fail(bad_reply("it is no dictionary"));
    return document;
}

}  // namespace

http::Url announce_url(const http::Url& tracker, const AnnounceRequest& request) {
    http::Url url = tracker;
    std::string query = tracker.query.value_or("");
    add_parameter(query, "info_hash", http::percent_encoded(as_text(request.swarm)));
    add_parameter(query, "peer_id", http::percent_encoded(as_text(request.peer_id)));
    add_parameter(query, "port", std::to_string(request.port));
    add_parameter(query, "uploaded", std::to_string(request.uploaded));
    add_parameter(query, "downloaded", std::to_string(request.downloaded));
    add_parameter(query, "left", std::to_string(request.left));
    add_parameter(query, "compact", request.compact ? "1" : "0");
    if (request.want) add_parameter(query, "numwant", std::to_string(*request.want));
    if (request.key) add_parameter(query, "key", hex_of(*request.key));
    if (request.event != Event::none) add_parameter(query, "event", event_text(request.event));
    if (!request.tracker_id.empty())
        add_parameter(query, "trackerid", http::percent_encoded(request.tracker_id));
    url.query = std::move(query);
    return url;
}

std::optional<http::Url> scrape_url(const http::Url& tracker, const std::vector<hash::Sha1>& swarms) {
    static constexpr std::string_view announce = "announce";
    const auto slash = tracker.path.rfind('/');
    if (slash == std::string::npos || !std::string_view(tracker.path).substr(slash + 1).starts_with(announce))
        return std::nullopt;
    http::Url url = tracker;
    url.path.replace(slash + 1, announce.size(), "scrape");
    std::string query = tracker.query.value_or("");
    for (const hash::Sha1& swarm : swarms)
        add_parameter(query, "info_hash", http::percent_encoded(as_text(swarm)));
    url.query = std::move(query);
    return url;
}

Result<std::variant<AnnounceReply, Failure>> parse_announce_reply(std::string_view body) {
    const auto document = read_dictionary(body);
    if (!document) return fail(document.error());
    const bencode::Value root = document->root();
    if (auto failure = failure_in(root)) return std::move(*failure);
    AnnounceReply reply;
    const bool has_v4 = read_peers(root, "peers", IpFamily::v4, reply.peers);
    const bool has_v6 = read_peers(root, "peers6", IpFamily::v6, reply.peers);
    const auto interval = count_at(root, "interval");
    if (!has_v4 && !has_v6 && !interval) return fail(bad_reply("it has neither peers nor an interval"));
    reply.interval = interval.value_or(reply.interval);
    reply.min_interval = count_at(root, "min interval");
    reply.complete = count_at(root, "complete").value_or(0);
    reply.incomplete = count_at(root, "incomplete").value_or(0);
    reply.downloaded = count_at(root, "downloaded");
    reply.external_ip = address_in(text_at(root, "external ip", 100));
    reply.tracker_id = text_at(root, "tracker id", tracker_id_bytes_max);
    reply.warning = text_at(root, "warning message", failure_bytes_max);
    return reply;
}

Result<std::variant<std::vector<std::pair<hash::Sha1, ScrapeCounts>>, Failure>> parse_scrape_reply(
    std::string_view body) {
    const auto document = read_dictionary(body);
    if (!document) return fail(document.error());
    const bencode::Value root = document->root();
    if (auto failure = failure_in(root)) return std::move(*failure);
    const auto files = root.find("files");
    if (!files || !files->is(bencode::Kind::dictionary)) return fail(bad_reply("it has no files"));
    std::vector<std::pair<hash::Sha1, ScrapeCounts>> all;
    files->each_entry([&](std::string_view key, const bencode::Value& counts) {
        if (key.size() != 20) return true;
        hash::Sha1 swarm;
        std::ranges::copy(as_bytes(key), swarm.begin());
        all.emplace_back(
            swarm,
            ScrapeCounts{count_at(counts, "complete").value_or(0), count_at(counts, "downloaded").value_or(0),
                         count_at(counts, "incomplete").value_or(0), count_at(counts, "downloaders")});
        return all.size() < scrape_hashes_max;
    });
    return all;
}

}  // namespace spate::announce
