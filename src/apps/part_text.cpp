#include "apps/part_text.h"

#include "base/parse_number.h"

namespace spate::apps {

std::optional<engine::Part> parse_part(std::string_view text) {
    const auto dots = text.find("..");
    if (dots == text.npos) return std::nullopt;
    const auto number = [](std::string_view percent) -> std::optional<std::uint32_t> {
        if (percent.ends_with('%')) percent.remove_suffix(1);
        return parse_number<std::uint32_t>(percent);
    };
    const auto from = number(text.substr(0, dots));
    const auto to = number(text.substr(dots + 2));
    if (!from || !to || *from >= *to || *to > 100) return std::nullopt;
    return engine::Part{*from, *to};
}

std::string check_part(const std::string& text) {
    return parse_part(text) ? "" : "'" + text + "' is no part, for example 20%..40%";
}

}  // namespace spate::apps
