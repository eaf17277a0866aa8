// JSON as our messages and --json lines hold it, over Boost.JSON: text that is text, objects with caps,
// members of the kind that is asked for. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spate::catalogue_protocol {

// Text from a file or the network: bytes that are no UTF-8 become U+FFFD.
boost::json::string json_text(std::string_view text);

// In one line, numbers as people write them: 0.25, where Boost.JSON has 2.5E-1.
std::string write_json(const boost::json::value& value);

// One object; caps on bytes and depth. Errors: object is `what`.
Result<boost::json::object> parse_object(std::string_view json, std::size_t bytes_max, std::string_view what);

// Null, missing and a value of another kind are the same: nothing.
std::optional<std::string_view> text_at(const boost::json::object& object, std::string_view key);
std::optional<std::uint64_t> number_at(const boost::json::object& object, std::string_view key);

}  // namespace spate::catalogue_protocol
