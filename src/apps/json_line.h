// One JSON object a line on standard output, for machines (--json). Boost.JSON, compiled in
// catalogue_protocol.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "catalogue_protocol/json_text.h"

namespace spate::apps {

using catalogue_protocol::json_text;

std::string json_line(const boost::json::object& object);

// Prints it with its line end and flushes, so that a pipe's reader has it at once.
void print_json_line(const boost::json::object& object);

}  // namespace spate::apps
