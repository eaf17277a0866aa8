#include "classic/tracker_file.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/assert.h"
#include "base/endpoint.h"
#include "base/parse_number.h"
#include "base/printable.h"
#include "classic/classic_name.h"
#include "classic/fields.h"

namespace spate::classic {
namespace {

constexpr std::string_view ipv6_peer_prefix = "#peer6 ";
constexpr std::size_t header_count = 4;
constexpr std::array<std::string_view, header_count> header_names{"filename", "filesize", "description",
                                                                  "md5"};

using Headers = std::array<std::optional<std::string_view>, header_count>;

std::unexpected<Error> refuse(std::string detail) {
    return fail(Error::invalid("parse tracker file", "", std::move(detail)));
}

// Each of them, and each tab, as a blank: a description is one line.
std::string without_control_bytes(std::string_view text) {
    std::string out(text);
    std::ranges::replace_if(out, [](char c) { return has_control_byte({&c, 1}) || c == '\t'; }, ' ');
    return out;
}

// Which header the line is, by the part before its first colon; blanks inside that part do not matter.
std::optional<std::size_t> header_index(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string key = lower_case(line.substr(0, colon));
    std::erase_if(key, is_blank);
    const auto found = std::ranges::find(header_names, key);
    if (found == header_names.end()) return std::nullopt;
    return static_cast<std::size_t>(found - header_names.begin());
}

// host:start... from the end, since an IPv6 host has colons of its own. size: of the file.
std::optional<TrackerPeer> parse_peer(std::string_view line, std::uint64_t size) {
    std::array<std::string_view, 4> numbers;  // port, start, end, time
    for (std::size_t i = numbers.size(); i-- > 0;) {
        const std::size_t colon = line.rfind(':');
        if (colon == std::string_view::npos) return std::nullopt;
        numbers[i] = trim(line.substr(colon + 1));
        line = line.substr(0, colon);
    }
    const std::string_view host = without_square_brackets(trim(line));
    const auto port = parse_port(numbers[0]);
    const auto start = parse_position(numbers[1]);
    const auto end = parse_position(numbers[2]);
    const auto time = parse_position(numbers[3]);
    if (!is_host_text(host) || !port || !start || !end || !time) return std::nullopt;
    if (*start > *end || *end > size) return std::nullopt;
    return TrackerPeer{std::string(host), *port, *start, *end, WallTime{static_cast<std::int64_t>(*time)}};
}

// The lines that are not for everybody to see are gone: blanks around, comments, empty lines. IPv6 peers are
// no comment.
std::string_view meaning_of(std::string_view line) {
    line = trim(line);
    if (line.starts_with(ipv6_peer_prefix)) return trim(line.substr(ipv6_peer_prefix.size()));
    return line.starts_with('#') ? std::string_view() : line;
}

Result<TrackerFile> file_of(const Headers& headers) {
    if (!headers[0]) return refuse("no Filename line");
    if (!headers[1]) return refuse("no Filesize line");
    if (const auto fault = name_fault(*headers[0])) return refuse("Filename: " + std::string(*fault));
    const auto size = parse_position(*headers[1]);
    if (!size) return refuse("Filesize is no number of bytes: " + printable(*headers[1], 40));
    TrackerFile file;
    file.name = *headers[0];
    file.size = *size;
    file.description = trim(without_control_bytes(headers[2].value_or("")));
    file.md5 = lower_case(headers[3].value_or(""));
    if (file.md5.size() > md5_text_max || has_control_byte(file.md5)) return refuse("MD5 is none");
    return file;
}

}  // namespace

Result<TrackerFile> parse_tracker_file(std::string_view text) {
    if (text.size() > tracker_file_bytes_max) return refuse("longer than 4 MiB");
    Headers headers;
    std::vector<std::string_view> peer_lines;
    std::size_t skipped = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = meaning_of(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty()) continue;
        if (const auto header = header_index(line)) {
            if (headers[*header]) {
                ++skipped;  // the first one counts
            } else {
                headers[*header] = trim(line.substr(line.find(':') + 1));
            }
        } else if (peer_lines.size() < tracker_file_peers_max) {
            peer_lines.push_back(line);
        } else {
            ++skipped;
        }
    }
    Result<TrackerFile> file = file_of(headers);
    if (!file) return file;
    for (const std::string_view line : peer_lines) {
        if (auto peer = parse_peer(line, file->size)) {
            file->peers.push_back(std::move(*peer));
        } else {
            ++skipped;
        }
    }
    file->skipped_lines = skipped;
    return file;
}

std::string write_tracker_file(const TrackerFile& file) {
    SPATE_ASSERT(file.peers.size() <= tracker_file_peers_max);
    std::string text = "Filename: " + file.name + "\nFilesize: " + std::to_string(file.size) +
                       "\nDescription: " + without_control_bytes(file.description) + "\nMD5: " + file.md5 +
                       "\n#all comments must begin with # and must be ignored by the file parser\n"
                       "#list of peers follows next\n";
    for (const TrackerPeer& peer : file.peers) {
        const bool ipv6 = peer.host.find(':') != std::string::npos;
        text += ipv6 ? std::string(ipv6_peer_prefix) + '[' + peer.host + ']' : peer.host;
        text += ':' + std::to_string(peer.port) + ':' + std::to_string(peer.start) + ':' +
                std::to_string(peer.end) + ':' + std::to_string(peer.time.unix_seconds) + '\n';
    }
    return text;
}

bool is_complete(const TrackerPeer& peer, std::uint64_t file_size) {
    return peer.start == 0 && (peer.end == file_size || peer.end + 1 == file_size);
}

ByteRange held_for_sure(const TrackerPeer& peer, std::uint64_t file_size) {
    if (is_complete(peer, file_size)) return {0, file_size};
    return {peer.start, peer.end};
}

ByteRange held_perhaps(const TrackerPeer& peer, std::uint64_t file_size) {
    return {peer.start, std::min(peer.end + 1, file_size)};
}

}  // namespace spate::classic
