#include "sim/event_log.h"

#include <bit>

namespace spate::sim {

namespace {

void mix(std::uint64_t& hash, std::uint64_t value) {
    hash = std::rotl((hash ^ value) * 0x9e3779b97f4a7c15ULL, 29);
}

void mix(std::uint64_t& hash, std::string_view text) {  // FNV-1a, then the length
    std::uint64_t sum = 0xcbf29ce484222325ULL;
    for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    mix(hash, sum);
    mix(hash, text.size());
}

std::string seconds_text(Duration since_start) {
    const auto nanoseconds = static_cast<std::uint64_t>(since_start.count());
    std::string fraction = std::to_string(nanoseconds % 1'000'000'000);
    fraction.insert(0, 9 - fraction.size(), '0');
    return std::to_string(nanoseconds / 1'000'000'000) + "." + fraction;
}

}  // namespace

void EventLog::record(Duration since_start, std::string_view who, std::string_view what,
                      std::initializer_list<std::uint64_t> numbers) {
    ++count_;
    mix(hash_, static_cast<std::uint64_t>(since_start.count()));
    mix(hash_, who);
    mix(hash_, what);
    for (const auto number : numbers) mix(hash_, number);
    if (!sink_) return;
    std::string line = seconds_text(since_start) + " ";
    line.append(who).append(" ").append(what);
    for (const auto number : numbers) line += " " + std::to_string(number);
    sink_(line);
}

void EventLog::mark(std::string_view name) {
    const auto found = marks_.find(name);
    if (found != marks_.end()) {
        ++found->second;
    } else {
        marks_.emplace(name, 1);
    }
}

std::uint64_t EventLog::marked(std::string_view name) const {
    const auto found = marks_.find(name);
    return found == marks_.end() ? 0 : found->second;
}

}  // namespace spate::sim
