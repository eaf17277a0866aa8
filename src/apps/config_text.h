// Reads one of the original system's config files (classic protocol, section 4) for a program; what is wrong
// goes to standard error with the file's name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spate::apps {

// At most 64 KiB and one byte, so that the parser sees when it is too much.
Result<std::string> read_config_text(const std::string& path);
void complain_about_config(const Error& error);

template <class Config>
std::optional<Config> read_config(const std::string& path,
                                  Result<Config> (*parse)(std::string_view text,
                                                          std::string_view file_name)) {
    const auto text = read_config_text(path);
    if (!text) {
        complain_about_config(text.error());
        return std::nullopt;
    }
    auto config = parse(*text, path);
    if (config) return std::move(*config);
    complain_about_config(config.error());
    return std::nullopt;
}

}  // namespace spate::apps
