// QueryReader: walks the key=value pairs of a raw query, without copies. Empty pairs are passed over; a
// parameter without '=' has no value and harms nobody (trackers.md 3.2 row 19). Values are raw:
// percent_decoded() gives octets. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/url.h"

namespace spate::http {

struct Parameter {
    std::string_view key;                   // raw
    std::optional<std::string_view> value;  // raw; none when there was no '='
};

class QueryReader {
  public:
    // `separators`: announces also need '?', as clients add "?info_hash=" to URLs that have a query already.
    explicit QueryReader(std::string_view raw, std::string_view separators = "&")
        : rest_(raw), separators_(separators) {}
    std::optional<Parameter> next();

  private:
    std::string_view rest_;
    std::string_view separators_;
};

// The decoded value of the first parameter of that name; nothing when it is not there, has no value or a
// broken escape.
std::optional<std::string> query_value(std::string_view raw, std::string_view key, Plus plus = Plus::is_plus);

}  // namespace spate::http
