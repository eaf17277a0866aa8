// Writes responses (server) with Content-Length and Connection added. A HEAD request gets the head alone,
// with the length GET would have had; 204 and 304 have no body. Pure.
#pragma once

#include <string>

#include "http/message.h"

namespace spate::http {

// The head up to and with the empty line, for a body of `body_size` bytes that the owner sends itself.
std::string write_response_head(const Response& response, std::uint64_t body_size, bool keep_alive);
// Head and body, as `request` needs it; keep_alive: what the owner decided (it may be less than what was
// asked for).
std::string write_response(const Response& response, Method request, bool keep_alive);

}  // namespace spate::http
