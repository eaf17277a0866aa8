// Header fields as both writers write them. What would break the line is a bug of ours (assert). Pure.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace spate::http {

void append_field(std::string& out, std::string_view name, std::string_view value);
void append_fields(std::string& out, const Headers& headers);

}  // namespace spate::http
