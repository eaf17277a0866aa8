// Whom a URL from a stranger (a torrent, a magnet link, a redirect) may make us talk to. Pure.
#pragma once

#include "base/endpoint.h"
#include "http/url.h"

namespace spate::http_client {

// Reachable from anywhere: not loopback, private, link-local, shared (100.64/10), unspecified, multicast,
// reserved or documentation; mapped IPv4 counts as IPv4.
bool is_global(const Address& address);
// A tracker at an address that is not global is asked for announces and scrapes only (the path's last part is
// either word, or with ".php"): any other path may steer some service. A udp:// one may have no path. Never a
// multicast or unspecified address.
bool tracker_may_be_at(const Address& address, const http::Url& url);

}  // namespace spate::http_client
