// Sizes, rates and times as people read them: "1.4 MB", "3.2 MB/s", "1 min 5 s". Decimal units.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace spate::apps {

std::string size_text(std::uint64_t bytes);
std::string rate_text(double bytes_per_second);
std::string time_text(Duration time);
// "1500", "20k", "4M", "1.5G", "2GiB": decimal units, or binary with "i". Nothing if it is no size.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace spate::apps
