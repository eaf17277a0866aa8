#include "metainfo/outer_fields.h"

#include <algorithm>
#include <set>

#include "metainfo/limits.h"

namespace spate::metainfo {

namespace {

using bencode::Value;

// Collects URLs of one key: clean ones, each once, up to a number.
class UrlList {
  public:
    UrlList(Metainfo& torrent, std::string key, std::size_t count_max)
        : torrent_(torrent), key_(std::move(key)), count_max_(count_max) {}

    void add(Value value, std::vector<std::string>& out) {
        const auto text = value.string();
        if (!text) return warn(torrent_, key_ + ": something that is no string was left out");
        if (text->empty()) return;  // a common way to say "none"
        auto url = clean_url(*text);
        if (!url) return warn(torrent_, key_ + ": " + url.error().detail + " was left out");
        if (seen_.size() == count_max_) {
            if (!full_)
                warn(torrent_, key_ + ": only the first " + std::to_string(count_max_) + " were kept");
            full_ = true;
            return;
        }
        if (seen_.insert(*url).second) out.push_back(std::move(*url));
    }

    // A string or a list of strings.
    void add_all(Value value, std::vector<std::string>& out) {
        const auto list = value.list();
        if (!list) return add(value, out);
        for (const auto element : *list) add(element, out);
    }

  private:
    Metainfo& torrent_;
    std::string key_;
    std::size_t count_max_;
    bool full_ = false;
    std::set<std::string> seen_;
};

void read_trackers(const Fields& torrent, Metainfo& out) {
    if (const auto tiers = torrent.find("announce-list")) {
        UrlList urls(out, "announce-list", tracker_count_max);
        if (!tiers->list()) warn(out, "announce-list: no list, left out");
        for (const auto tier : tiers->list().value_or(bencode::Elements{nullptr, nullptr, nullptr})) {
            std::vector<std::string> trackers;
            urls.add_all(tier, trackers);
            if (!trackers.empty()) out.trackers.push_back(std::move(trackers));
        }
    }
    const auto announce = torrent.find("announce");
    if (!out.trackers.empty() || !announce) return;
    std::vector<std::string> only;
    UrlList(out, "announce", 1).add(*announce, only);
    if (!only.empty()) out.trackers.push_back(std::move(only));
}

void read_urls(const Fields& torrent, std::string_view key, Metainfo& out, std::vector<std::string>& into) {
    if (const auto value = torrent.find(key))
        UrlList(out, std::string(key), web_seed_count_max).add_all(*value, into);
}

std::optional<HostPort> read_node(Value value) {
    const auto pair = value.list();
    if (!pair || pair->empty()) return std::nullopt;
    auto at = pair->begin();
    const auto host = (*at).string();
    if (++at == pair->end() || !host || host->find_first_of("\0\r\n /", 0, 5) != host->npos)
        return std::nullopt;
    const auto port = (*at).integer();
    if (!port || *port < 1 || *port > 65535 || host->empty() || host->size() > 253) return std::nullopt;
    return HostPort{std::string(*host), static_cast<std::uint16_t>(*port)};
}

void read_nodes(const Fields& torrent, Metainfo& out) {
    const auto nodes = torrent.find("nodes");
    if (!nodes) return;
    const auto list = nodes->list();
    if (!list) return warn(out, "nodes: no list, left out");
    for (const auto value : *list) {
        if (out.nodes.size() == node_count_max) return warn(out, "nodes: only the first were kept");
        if (auto node = read_node(value))
            out.nodes.push_back(std::move(*node));
        else
            warn(out, "nodes: something that is no host and port was left out");
    }
}

std::string read_text(const Fields& torrent, std::string_view key, Metainfo& out) {
    const auto text = torrent.string(key);
    if (!text) warn(out, std::string(key) + ": no string, left out");
    return std::string((text ? *text : std::nullopt).value_or("").substr(0, comment_bytes_max));
}

}  // namespace

void warn(Metainfo& torrent, std::string text) {
    if (torrent.warnings.size() < 20) torrent.warnings.push_back(std::move(text));
}

Result<std::string> clean_url(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    if (text.empty()) return refuse("", "an empty URL");
    if (text.size() > url_bytes_max) return refuse("", "a URL of " + std::to_string(text.size()) + " bytes");
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::ranges::any_of(text, control)) return refuse("", "a URL with control characters");
    return std::string(text);
}

void read_outer_fields(const Fields& torrent, Metainfo& out) {
    read_trackers(torrent, out);
    read_urls(torrent, "url-list", out, out.web_seeds);
    read_urls(torrent, "httpseeds", out, out.http_seeds);
    read_nodes(torrent, out);
    if (const auto date = torrent.find("creation date")) {
        out.creation_date = date->integer();
        if (!out.creation_date) warn(out, "creation date: no integer, left out");
    }
    out.comment = read_text(torrent, "comment", out);
    out.created_by = read_text(torrent, "created by", out);
}

}  // namespace spate::metainfo
