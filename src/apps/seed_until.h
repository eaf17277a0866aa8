// SeedUntil: how long what is complete stays shared: "1.5" (bytes given to bytes there), "90m" (a time since
// it was complete), "never" (until interrupted). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace spate::apps {

// "90s", "30m", "2h", "1d". Nothing if it is no such time.
std::optional<Duration> parse_time(std::string_view text);

struct SeedUntil {
    std::optional<double> ratio;
    std::optional<Duration> time;
    bool never = false;  // the end is an interruption

    static SeedUntil forever() { return {.ratio = {}, .time = {}, .never = true}; }
    static std::optional<SeedUntil> parse(std::string_view text);
    // A person said when it is enough, so that whoever else goes on, this does not.
    bool limited() const { return time || ratio; }
    // With none of the three: at once.
    bool reached(std::uint64_t uploaded, std::uint64_t size, Duration seeding) const;
};

// For CLI11: empty, or what is wrong.
std::string check_seed_until(const std::string& text);
std::string check_time(const std::string& text);
// A rate in bytes a second: "20M", "512k".
std::string check_rate(const std::string& text);

}  // namespace spate::apps
