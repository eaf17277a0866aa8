// Announce and scrape over HTTP (BEP 3, 7, 21, 23, 24, 31, 48), the tracker's side: raw query in, bencoded
// body out. Every reply goes out with status 200 and text/plain. Rules: trackers.md 3.2 rows 8, 11, 13, 17
// to 24. Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "announce/announce.h"

namespace spate::announce {

// `ip`, `ipv4` and `ipv6` are ignored: a peer is where its connection comes from.
std::expected<AnnounceRequest, Failure> parse_announce_query(std::string_view raw_query);
// The hashes asked for, in order, at most scrape_hashes_max of them (the rest is left out); none: the whole
// tracker was asked for, which is a failure.
std::expected<std::vector<hash::Sha1>, Failure> parse_scrape_query(std::string_view raw_query);

// Compact, or dictionaries without peer ids when the asker would like them. IPv4 in "peers", always there;
// IPv6 in "peers6".
std::string write_announce_reply(const AnnounceReply& reply, bool compact);
std::string write_failure(const Failure& failure);
std::string write_scrape_reply(const std::vector<std::pair<hash::Sha1, ScrapeCounts>>& files);

}  // namespace spate::announce
