// For the command lines of benchmarks: with none of what it counts there is nothing to tell.
#pragma once

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <functional>
#include <limits>
#include <string>

namespace spate {

// For CLI11, of an option that is a number.
inline std::function<std::string(const std::string&)> at_least(std::uint64_t least) {
    const auto range = CLI::Range(least, std::numeric_limits<std::uint64_t>::max());
    return [range, least](const std::string& text) {
        return range(text).empty() ? std::string()
                                   : fmt::format("it must be {} or more, not {}", least, text);
    };
}

}  // namespace spate
