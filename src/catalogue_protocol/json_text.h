// Small helpers over Boost.JSON for this module's messages. Private to it.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spate::catalogue_protocol {

// Bytes that are no UTF-8 become U+FFFD.
boost::json::string json_string(std::string_view text);

// One object; caps on bytes and depth. Errors: object is `what`.
Result<boost::json::object> parse_object(std::string_view json, std::size_t bytes_max, std::string_view what);

// Null, missing and a value of another kind are the same: nothing.
std::optional<std::string_view> text_at(const boost::json::object& object, std::string_view key);
std::optional<std::uint64_t> number_at(const boost::json::object& object, std::string_view key);

}  // namespace spate::catalogue_protocol
