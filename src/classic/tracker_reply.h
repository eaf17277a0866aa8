// Replies of a classic tracker: the writers of the tracker side. The readers are in
// tracker_reply_reader.h. Each writer gives the whole reply, to be sent in one write; all but the bare
// dialect's end with LF. Names and texts given must be clean (the parser's output is). Pure functions; any
// thread.
//
// Source: docs/protocols/classic.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "classic/tracker_request.h"

namespace spate::classic {

enum class Outcome { succ, ferr, fail };

struct ListEntry {
    std::string name;
    std::uint64_t size = 0;
    std::string md5;  // as the creator gave it, lower case; may be no MD5 at all
    bool operator==(const ListEntry&) const = default;
};

std::string write_create_reply(Outcome outcome);
std::string write_update_reply(std::string_view name, Outcome outcome);  // an empty name is left out
// Entries in the order given (the tracker sorts by name), numbered from 1.
std::string write_list_reply(std::span<const ListEntry> entries);
// file: the tracker file's bytes, sent as they are; md5: of exactly these bytes, 32 lower-case hex digits.
std::string write_get_reply(std::string_view file, std::string_view md5);
std::string write_get_invalid();      // "<GET invalid>"
std::string write_unknown_command();  // "<ERROR unknown command>"
std::string write_line_too_long();    // "<ERROR request too long>"
// The reply the verb of a bad request calls for: createtracker fail, updatetracker NAME fail, GET invalid,
// unknown.
std::string write_bad_request_reply(const BadRequest& request);

// The bare dialect, byte for byte.
inline constexpr std::string_view bare_tracker_reply = "\nTRACKER CREATED/UPDATED";
inline constexpr std::string_view bare_list_waiting_reply = "Requesting Files...";
inline constexpr std::string_view bare_list_ready_reply = "picture-wallpaper.jpg";
inline constexpr int bare_trackers_before_ready = 5;  // TRACKER messages before LIST names the file

}  // namespace spate::classic
