// Url: http, https and udp addresses (RFC 3986) as trackers, web seeds and people write them. Refused:
// credentials, blanks and controls (a CR LF would write a header of its own), port 0, more than limits.h. A
// fragment is dropped; octets above 127 are escaped. Percent-encoding both ways. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/endpoint.h"
#include "base/result.h"

namespace spate::http {

struct Url {
    std::string scheme;                // lower case: "http", "https", "udp"
    std::string host;                  // lower case; an IPv6 address without its brackets
    std::uint16_t port = 0;            // default: 80, 443; udp must name one
    std::string path;                  // raw; begins with '/'
    std::optional<std::string> query;  // raw, without the '?'

    // Errors: object is the text in printable form.
    static Result<Url> parse(std::string_view text);
    // What a Location header means, seen from this URL: absolute, "//host/path", "/path", "path" or "?query".
    Result<Url> resolve(std::string_view reference) const;

    std::string target() const;     // path and query, as a request names them
    std::string authority() const;  // as the Host header names it: the port only when it is not the default
    std::string text() const;
    bool same_origin(const Url& other) const;
    bool operator==(const Url&) const = default;
};

// All but letters, digits and "-._~" escaped.
std::string percent_encoded(std::string_view octets);
enum class Plus { is_plus, is_blank };  // is_blank: HTML forms
// Any octets, NUL too; %XX in either case. Nothing for a broken escape.
std::optional<std::string> percent_decoded(std::string_view text, Plus plus = Plus::is_plus);

}  // namespace spate::http
