// Announce and scrape over HTTP, the client's side: what to ask, what the reply means. Replies may hold
// anything: numbers out of range are held within it, peers with port 0 or broken entries are left out, texts
// cut (rows 20 to 24 of trackers.md 3.2, 73 of reliability.md). Pure.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "announce/announce.h"
#include "base/result.h"
#include "http/url.h"

namespace spate::announce {

// The tracker's URL with the question in its query; a query it has already stays.
http::Url announce_url(const http::Url& tracker, const AnnounceRequest& request);
// BEP 48: the last path component must begin with "announce"; nothing otherwise.
std::optional<http::Url> scrape_url(const http::Url& tracker, const std::vector<hash::Sha1>& swarms);

// Errors: no bencoded dictionary, or one without peers (EBADMSG).
Result<std::variant<AnnounceReply, Failure>> parse_announce_reply(std::string_view body);
// Only swarms the tracker named.
Result<std::variant<std::vector<std::pair<hash::Sha1, ScrapeCounts>>, Failure>> parse_scrape_reply(
    std::string_view body);

}  // namespace spate::announce
