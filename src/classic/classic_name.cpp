#include "classic/classic_name.h"

#include <algorithm>

#include "base/endpoint.h"

namespace spate::classic {

std::optional<std::string_view> name_fault(std::string_view name) {
    if (name.empty()) return "empty";
    if (name.size() > name_length_max) return "longer than 255 bytes";
    if (name == "." || name.find("..") != std::string_view::npos)
        return "holds dots that would make it a path";
    for (const char c : name) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '/' || c == '\\') return "holds a path separator";
        if (octet < 32 || octet == 127) return "holds a control byte";
        if (c == ' ' || c == '<' || c == '>') return "holds a blank or a bracket";
    }
    return std::nullopt;
}

bool is_host_text(std::string_view text) {
    if (Address::parse(text)) return true;
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    const std::size_t last_label = text.rfind('.') + 1;  // 0 when there is no dot
    if (text.find_first_not_of("0123456789", last_label) == std::string_view::npos)
        return false;  // 300.1.1.1, 127.1
    return !text.empty() && text.size() <= 253 && text.find_first_not_of(allowed) == std::string_view::npos &&
           text.front() != '-' && text.front() != '.';
}

bool is_md5_text(std::string_view text) {
    return text.size() == 32 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

}  // namespace spate::classic
