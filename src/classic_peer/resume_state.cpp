#include "classic_peer/resume_state.h"

#include <algorithm>

#include "base/hex.h"
#include "base/parse_number.h"
#include "hash/digest.h"

namespace spate::classic_peer {
namespace {

constexpr std::string_view first_line = "spate classic part 1\n";

std::string head(const FileIdentity& file) {
    std::string text(first_line);
    text += "name " + file.name + "\nsize " + std::to_string(file.size);
    text += "\nmd5 " + (file.md5.empty() ? "-" : file.md5) + "\n";
    return text;
}

std::string end_line(std::string_view body) {
    return "end " + to_hex(hash::md5(as_bytes(body))) + "\n";
}

// "have S E" without its LF.
std::optional<ByteRange> parse_have(std::string_view line) {
    constexpr std::string_view keyword = "have ";
    if (!line.starts_with(keyword)) return std::nullopt;
    line.remove_prefix(keyword.size());
    const auto blank = line.find(' ');
    if (blank == line.npos) return std::nullopt;
    const auto start = parse_number<std::uint64_t>(line.substr(0, blank));
    const auto end = parse_number<std::uint64_t>(line.substr(blank + 1));
    if (!start || !end || *start >= *end) return std::nullopt;
    return ByteRange{*start, *end};
}

}  // namespace

std::string write_resume_state(const FileIdentity& file, const RangeSet& have) {
    std::vector<ByteRange> ranges = have.ranges();
    if (ranges.size() > resume_ranges_max) {
        std::ranges::sort(ranges, [](const ByteRange& a, const ByteRange& b) { return a.size() > b.size(); });
        ranges.resize(resume_ranges_max);
        std::ranges::sort(ranges);
    }
    std::string text = head(file);
    for (const ByteRange& range : ranges)
        text += "have " + std::to_string(range.start) + " " + std::to_string(range.end) + "\n";
    return text + end_line(text);
}

std::optional<RangeSet> read_resume_state(std::string_view text, const FileIdentity& file) {
    const std::string expected = head(file);
    if (text.size() > resume_bytes_max || !text.starts_with(expected)) return std::nullopt;
    RangeSet have;
    std::uint64_t behind = 0;  // ranges are in order and do not touch
    for (std::size_t position = expected.size(); have.count() <= resume_ranges_max;) {
        const auto line_end = text.find('\n', position);
        if (line_end == text.npos) return std::nullopt;
        const std::string_view line = text.substr(position, line_end - position);
        if (line.starts_with("end ")) {
            if (text.substr(position) != end_line(text.substr(0, position))) return std::nullopt;
            return have;
        }
        const auto range = parse_have(line);
        if (!range || range->end > file.size || (!have.empty() && range->start <= behind))
            return std::nullopt;
        have.add(*range);
        behind = range->end;
        position = line_end + 1;
    }
    return std::nullopt;
}

}  // namespace spate::classic_peer
