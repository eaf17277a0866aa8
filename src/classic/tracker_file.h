// TrackerFile: the text a classic tracker keeps for one shared file. Reader and writer; a write
// read again gives an equal value. Pure functions; any thread.
//
// The reader strips blanks, takes LF or CRLF, knows a header by the part before its first `:` in any case,
// and ignores comments. Filename and Filesize must be there and be good. A peer line that is broken (no five
// fields, a number that is none, start > end, end > size, port 0) is skipped and counted, so one bad peer
// never hides the others. IPv6: `#peer6 [address]:port:start:end:time`. To every older reader that is a
// comment; a line with five or more colons would be misread by those that split from the front. The reader
// also takes it without `#peer6`.
//
// Source: docs/protocols/classic.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/range_set.h"
#include "base/result.h"
#include "base/time.h"

namespace spate::classic {

inline constexpr std::size_t tracker_file_bytes_max = 4 * 1024 * 1024;
inline constexpr std::size_t tracker_file_peers_max = 10'000;  // further ones are skipped and counted

struct TrackerPeer {
    std::string host;  // an address (IPv6 without brackets) or a host name
    std::uint16_t port = 0;
    std::uint64_t start = 0;  // bytes; start <= end <= size of the file
    std::uint64_t end = 0;  // one past the last byte in our own files; others also write the last byte itself
    WallTime time;          // last update
    bool operator==(const TrackerPeer&) const = default;
};

struct TrackerFile {
    std::string name;        // clean
    std::uint64_t size = 0;  // bytes, at most 2^63 - 1
    std::string description;
    std::string md5;  // lower case; may be no MD5 at all (is_md5_text tells)
    std::vector<TrackerPeer> peers;
    std::size_t skipped_lines = 0;  // set by the reader: lines it could not use
    bool operator==(const TrackerFile&) const = default;
};

Result<TrackerFile> parse_tracker_file(std::string_view text);
// The form of the specification, its two comment lines included, LF at the end of each line. At most
// tracker_file_peers_max peers (asserted). Line ends and control bytes of the description become blanks.
std::string write_tracker_file(const TrackerFile& file);

// Whether the peer says it has the whole file: from 0 to size, or to size - 1 as some programs write it.
bool is_complete(const TrackerPeer& peer, std::uint64_t file_size);
// The bytes the peer has under every reading of its line: [start, end), or the whole file when complete.
ByteRange held_for_sure(const TrackerPeer& peer, std::uint64_t file_size);
// The bytes it has if it writes the last byte itself: one more, within the file. Worth asking when nobody
// else is left for that byte.
ByteRange held_perhaps(const TrackerPeer& peer, std::uint64_t file_size);

}  // namespace spate::classic
