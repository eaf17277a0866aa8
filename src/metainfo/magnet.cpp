#include "metainfo/magnet.h"

#include <algorithm>
#include <cctype>

#include "base/assert.h"
#include "base/hex.h"
#include "base/parse_number.h"
#include "base/printable.h"
#include "metainfo/clean_path.h"
#include "metainfo/fields.h"
#include "metainfo/limits.h"
#include "metainfo/outer_fields.h"
#include "metainfo/uri_text.h"

namespace spate::metainfo {

namespace {

// Takes `prefix` (lower case) off, whatever the text's case.
bool take_prefix(std::string_view& text, std::string_view prefix) {
    const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
    if (text.size() < prefix.size() || !std::ranges::equal(text.substr(0, prefix.size()), prefix, same))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

// "xt.1" and "tr.2" are the second xt and the third tr.
std::string_view without_number(std::string_view key) {
    const auto dot = key.rfind('.');
    return dot != key.npos && parse_number<std::uint32_t>(key.substr(dot + 1)) ? key.substr(0, dot) : key;
}

template <class Digest>
bool put_hash(std::optional<Digest>& into, const std::optional<std::vector<std::uint8_t>>& bytes) {
    if (!bytes || bytes->size() != Digest{}.size()) return false;
    Digest digest;
    std::ranges::copy(*bytes, digest.begin());
    if (into && *into != digest) return false;
    into = digest;
    return true;
}

// is_hash: it is one, but not the first.
std::unexpected<Error> bad_topic(std::string_view topic, const std::string& version, bool is_hash) {
    if (is_hash) return refuse("xt", "it names two " + version + " info-hashes");
    return refuse("xt", "'" + printable(topic, 100) + "' is no " + version + " info-hash");
}

Result<void> read_topic(std::string_view topic, InfoHash& hash) {
    if (take_prefix(topic, "urn:btih:")) {
        const auto bytes = topic.size() == 32 ? base32_decoded(topic) : from_hex(topic);
        if (!put_hash(hash.v1, bytes)) return bad_topic(topic, "v1", bytes && bytes->size() == 20);
    } else if (take_prefix(topic, "urn:btmh:")) {
        if (!topic.starts_with("1220")) return refuse("xt", "only SHA-256 multihashes (1220...) are known");
        const auto bytes = from_hex(topic.substr(4));
        if (!put_hash(hash.v2, bytes)) return bad_topic(topic, "v2", bytes && bytes->size() == 32);
    }
    return {};  // other networks' names
}

Result<void> read_ranges(std::string_view text, std::vector<IndexRange>& ranges) {
    while (!text.empty()) {
        const auto comma = text.find(',');
        const auto item = text.substr(0, comma);
        text.remove_prefix(comma == text.npos ? text.size() : comma + 1);
        const auto dash = item.find('-');
        const auto first = parse_number<std::uint32_t>(item.substr(0, dash));
        const auto last = dash == item.npos ? first : parse_number<std::uint32_t>(item.substr(dash + 1));
        if (!first || !last || *first > *last) return refuse("so", "no list of file numbers and ranges");
        if (ranges.size() == magnet_ranges_max)
            return refuse("so", "more than " + std::to_string(magnet_ranges_max) + " ranges");
        ranges.push_back({*first, *last});
    }
    return {};
}

std::vector<IndexRange> merged(std::vector<IndexRange> ranges) {
    std::ranges::sort(ranges, {}, &IndexRange::first);
    std::vector<IndexRange> out;
    for (const auto& range : ranges) {
        if (!out.empty() && (out.back().last == UINT32_MAX || range.first <= out.back().last + 1))
            out.back().last = std::max(out.back().last, range.last);
        else
            out.push_back(range);
    }
    return out;
}

void add_url(std::vector<std::string>& urls, std::string_view text, std::size_t count_max) {
    const auto url = clean_url(text);
    if (!url || urls.size() == count_max || std::ranges::find(urls, *url) != urls.end()) return;
    urls.push_back(*url);
}

Result<void> read_parameter(std::string_view key, std::string_view value, Magnet& magnet) {
    if (key == "xt") return read_topic(value, magnet.hash);
    if (key == "so") return read_ranges(value, magnet.select_only);
    if (key == "tr") add_url(magnet.trackers, value, magnet_trackers_max);
    if (key == "ws") add_url(magnet.web_seeds, value, magnet_web_seeds_max);
    if (key == "dn" && magnet.name.empty() && !value.empty()) {
        magnet.original_name = value;
        magnet.name = clean_component(value);
    }
    if (key == "x.pe" && magnet.peers.size() < magnet_peers_max) {
        auto peer = HostPort::parse(value, 0);
        if (peer && peer->port != 0) magnet.peers.push_back(std::move(*peer));
    }
    return {};
}

}  // namespace

bool Magnet::selects(FileIndex file) const {
    if (select_only.empty()) return true;
    const auto after = std::ranges::upper_bound(select_only, file.value, {}, &IndexRange::first);
    return after != select_only.begin() && std::prev(after)->last >= file.value;
}

Result<Magnet> parse_magnet(std::string_view link) {
    if (link.size() > magnet_bytes_max)
        return refuse("magnet link", std::to_string(link.size()) + " bytes, " +
                                         std::to_string(magnet_bytes_max) + " are allowed");
    if (!take_prefix(link, "magnet:?")) return refuse("magnet link", "does not start with magnet:?");
    Magnet magnet;
    while (!link.empty()) {
        const auto end = link.find('&');
        const auto parameter = link.substr(0, end);
        link.remove_prefix(end == link.npos ? link.size() : end + 1);
        const auto equals = parameter.find('=');
        if (equals == parameter.npos) continue;
        const auto key = without_number(parameter.substr(0, equals));
        const auto value = percent_decoded(parameter.substr(equals + 1), key == "dn");
        if (!value) return refuse(std::string(key.substr(0, 20)), "a broken escape or a NUL");
        if (auto read = read_parameter(key, *value, magnet); !read) return fail(read.error());
    }
    if (!magnet.hash.v1 && !magnet.hash.v2) return refuse("xt", "no BitTorrent info-hash");
    magnet.select_only = merged(std::move(magnet.select_only));
    return magnet;
}

std::string write_magnet(const Magnet& magnet) {
    SPATE_ASSERT(magnet.hash.v1 || magnet.hash.v2);
    std::string link = "magnet:?";
    const auto add = [&](std::string_view key, const std::string& value) {
        if (!link.ends_with('?')) link += '&';
        link += std::string(key) + '=' + value;
    };
    if (magnet.hash.v1) add("xt", "urn:btih:" + to_hex(*magnet.hash.v1));
    if (magnet.hash.v2) add("xt", "urn:btmh:1220" + to_hex(*magnet.hash.v2));
    const auto& name = magnet.original_name.empty() ? magnet.name : magnet.original_name;
    if (!name.empty()) add("dn", percent_encoded(name));
    for (const auto& url : magnet.trackers) add("tr", percent_encoded(url));
    for (const auto& url : magnet.web_seeds) add("ws", percent_encoded(url));
    for (const auto& peer : magnet.peers) add("x.pe", percent_encoded(peer.text()));
    std::string ranges;
    for (const auto& range : magnet.select_only) {
        ranges += (ranges.empty() ? "" : ",") + std::to_string(range.first);
        if (range.last != range.first) ranges += "-" + std::to_string(range.last);
    }
    if (!ranges.empty()) add("so", ranges);
    return link;
}

Magnet magnet_of(const Metainfo& torrent) {
    Magnet magnet;
    magnet.hash = torrent.info.hash;
    magnet.name = torrent.info.name;
    magnet.original_name = torrent.info.name;
    if (torrent.info.private_torrent) return magnet;
    for (const auto& tier : torrent.trackers)
        for (const auto& url : tier)
            if (magnet.trackers.size() < magnet_trackers_max) magnet.trackers.push_back(url);
    for (const auto& url : torrent.web_seeds)
        if (magnet.web_seeds.size() < magnet_web_seeds_max) magnet.web_seeds.push_back(url);
    return magnet;
}

}  // namespace spate::metainfo
