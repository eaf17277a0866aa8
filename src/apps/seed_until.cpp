#include "apps/seed_until.h"

#include "apps/size_text.h"
#include "base/parse_number.h"

namespace spate::apps {

std::optional<Duration> parse_time(std::string_view text) {
    if (text.empty()) return std::nullopt;
    static constexpr std::int64_t days_max = 36'500;
    std::int64_t unit = 0;
    switch (text.back()) {
        case 's':
            unit = 1;
            break;
        case 'm':
            unit = 60;
            break;
        case 'h':
            unit = 3600;
            break;
        case 'd':
            unit = 86'400;
            break;
        default:
            return std::nullopt;
    }
    text.remove_suffix(1);
    const auto count = parse_number<std::int64_t>(text);
    if (!count || *count < 0 || *count > days_max * 86'400 / unit) return std::nullopt;
    return std::chrono::seconds(*count * unit);
}

std::optional<SeedUntil> SeedUntil::parse(std::string_view text) {
    if (text == "never") return forever();
    SeedUntil until;
    if (const auto time = parse_time(text)) {
        until.time = time;
        return until;
    }
    // parse_size reads a decimal number; a ratio has no unit.
    if (text.find_first_not_of("0123456789.") != text.npos) return std::nullopt;
    const auto thousandths = parse_size(std::string(text) + "k");
    if (!thousandths) return std::nullopt;
    until.ratio = static_cast<double>(*thousandths) / 1000;
    return until;
}

bool SeedUntil::reached(std::uint64_t uploaded, std::uint64_t size, Duration seeding) const {
    if (never) return false;
    if (time) return seeding >= *time;
    if (ratio) return static_cast<double>(uploaded) >= *ratio * static_cast<double>(size);
    return true;
}

std::string check_seed_until(const std::string& text) {
    return SeedUntil::parse(text)
               ? ""
               : "'" + text + "' is no end of seeding: a ratio (1.5), a time (90s, 30m, 2h, 1d) or never";
}

std::string check_time(const std::string& text) {
    return parse_time(text) ? "" : "'" + text + "' is no time, for example 90s, 30m, 2h or 1d";
}

std::string check_rate(const std::string& text) {
    const auto rate = parse_size(text);
    return rate && *rate > 0 ? "" : "'" + text + "' is no rate in bytes a second, for example 512k or 20M";
}

}  // namespace spate::apps
