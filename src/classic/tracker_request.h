// Requests to a classic tracker: the reader a tracker uses and the writers a peer uses.
//
// The reader takes one framed line (request_framer.h) and is lenient: brackets or none,
// blanks and CR at both ends, keywords in any case, any number of blanks or tabs between fields, NULs at the
// end (C programs send their terminator). It is strict about what would do harm: names that are paths,
// numbers that are negative, signed, not decimal or above 2^63 - 1, port 0, control bytes anywhere. What
// needs the entry (start and end within the size, the known name) is the catalogue's to check. A create or
// update that opens with `<` and lacks its `>` is refused: the line was cut, and with it maybe a number. Pure
// functions; any thread.
//
// Source: docs/protocols/classic.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace spate::classic {

struct CreateTracker {
    std::string name;         // clean (classic_name.h)
    std::uint64_t size = 0;   // bytes, at most 2^63 - 1
    std::string description;  // `_` already turned into blanks, trimmed; empty when missing or "_"
    std::string md5;          // as given, in lower case; 1 to 128 bytes, no blanks, no brackets
    bool usable_md5 =
        false;         // md5 is 32 hex digits. Always true for a request without brackets: others are refused
    std::string host;  // an address (IPv6 without brackets) or a host name
    std::uint16_t port = 0;  // 1 to 65535
    bool operator==(const CreateTracker&) const = default;
};

struct UpdateTracker {
    std::string name;         // clean
    std::uint64_t start = 0;  // bytes; start <= end <= 2^63 - 1. end <= size is the catalogue's check
    std::uint64_t end = 0;
    std::string host;
    std::uint16_t port = 0;
    bool operator==(const UpdateTracker&) const = default;
};

struct ListRequest {
    bool operator==(const ListRequest&) const = default;
};

struct GetTrackerFile {
    std::string name;      // without `.track` at its end; equals raw_name when nothing would be left
    std::string raw_name;  // as given: look for this one too, an entry may really be called "x.track"
    bool operator==(const GetTrackerFile&) const = default;
};

// The original programs' dialect: the connection stays open after these two, replies have no LF.
struct BareTracker {
    bool operator==(const BareTracker&) const = default;
};
struct BareList {
    bool operator==(const BareList&) const = default;
};

struct BadRequest {
    enum class Verb { unknown, create, update, get };
    Verb verb = Verb::unknown;
    std::string name;  // printable, at most 255 bytes, for the reply of an update; empty when there was none
    std::string reason;  // for the log, printable
    bool operator==(const BadRequest&) const = default;
};

using TrackerRequest = std::variant<CreateTracker, UpdateTracker, ListRequest, GetTrackerFile, BareTracker,
                                    BareList, BadRequest>;

TrackerRequest parse_tracker_request(std::string_view line);

// The client side. Each gives one whole message with its LF. Names must be clean and hosts host texts
// (asserted). Blanks, control bytes and brackets of the description travel as `_`, an empty one as "_".
std::string write_create_tracker(const CreateTracker& request);
std::string write_update_tracker(const UpdateTracker& request);
std::string write_list_request();
std::string write_get_tracker_file(std::string_view name);  // name without `.track`

}  // namespace spate::classic
