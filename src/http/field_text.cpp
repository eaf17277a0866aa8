#include "http/field_text.h"

#include <algorithm>

#include "base/assert.h"

namespace spate::http {

void append_field(std::string& out, std::string_view name, std::string_view value) {
    SPATE_ASSERT(!name.empty() && name.find_first_of(std::string_view(" \t:\r\n\0", 6)) == name.npos);
    SPATE_ASSERT(value.find_first_of(std::string_view("\r\n\0", 3)) == value.npos);
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

void append_fields(std::string& out, const Headers& headers) {
    for (const Header& header : headers.all()) append_field(out, header.name, header.value);
}

}  // namespace spate::http
