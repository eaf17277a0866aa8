// The part of a torrent that a partial seed keeps, as a person writes it: "20%..40%". Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/add_torrent.h"

namespace spate::apps {

std::optional<engine::Part> parse_part(std::string_view text);
// For CLI11: empty, or what is wrong.
std::string check_part(const std::string& text);

}  // namespace spate::apps
