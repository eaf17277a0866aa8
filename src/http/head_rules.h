// What a server refuses in a request's head though the grammar lets it pass, because two readers could
// disagree about it (request smuggling). Pure.
#pragma once

#include <optional>
#include <string_view>

#include "http/message.h"
#include "http/request_reader.h"

namespace spate::http {

// Bare CR or LF, NUL and other controls, folded lines, in the octets from `first` on; those before were
// looked at. `head` may end anywhere.
std::optional<Refusal> refused_octets(std::string_view head, std::size_t first);
// Lengths, encodings, Host, Expect, bodies where none belong.
std::optional<Refusal> refused_head(const RequestHead& head);
// "/path?query", "http://host/path?query", "*"; fills path and query.
std::optional<Refusal> read_target(std::string_view target, RequestHead& head);

}  // namespace spate::http
