#include "apps/size_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace spate::apps {

namespace {
constexpr std::array units{"B", "kB", "MB", "GB", "TB", "PB", "EB"};
}

std::string size_text(std::uint64_t bytes) {
    if (bytes < 1000) return fmt::format("{} B", bytes);
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    return value < 9.95 ? fmt::format("{:.1f} {}", value, units[unit])
                        : fmt::format("{:.0f} {}", value, units[unit]);
}

std::string rate_text(double bytes_per_second) {
    const bool sane = std::isfinite(bytes_per_second) && bytes_per_second > 0 && bytes_per_second < 1e18;
    return size_text(sane ? static_cast<std::uint64_t>(bytes_per_second) : 0) + "/s";
}

std::string time_text(Duration time) {
    const double seconds = std::chrono::duration<double>(time).count();
    if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1000);
    if (seconds < 60) return fmt::format("{:.1f} s", seconds);
    const auto whole = static_cast<std::int64_t>(seconds);
    if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
    return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    double number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
    if (error != std::errc{} || !std::isfinite(number) || number < 0) return std::nullopt;
    std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    if (unit.ends_with('B') || unit.ends_with('b')) unit.remove_suffix(1);
    double base = 1000;
    if (unit.ends_with('i')) {
        base = 1024;
        unit.remove_suffix(1);
        if (unit.empty()) return std::nullopt;
    }
    double factor = 1;
    if (!unit.empty()) {
        static constexpr std::string_view letters = "kmgtp";
        const char lower = static_cast<char>(unit[0] | 0x20);
        const auto power = letters.find(lower);
        if (unit.size() != 1 || power == letters.npos) return std::nullopt;
        factor = std::pow(base, static_cast<double>(power + 1));
    }
    const double bytes = number * factor;
    if (bytes > 9e18) return std::nullopt;
    return static_cast<std::uint64_t>(std::llround(bytes));
}

}  // namespace spate::apps
