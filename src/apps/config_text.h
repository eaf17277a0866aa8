// Reads a config file for a program: the settings file, or one of the original system's (classic protocol,
// section 4). Errors name the file.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace spate::apps {

// At most 64 KiB.
Result<std::string> read_config_text(const std::string& path);

template <class Config>
Result<Config> read_config(const std::string& path,
                           Result<Config> (*parse)(std::string_view text, std::string_view file_name)) {
    const auto text = read_config_text(path);
    if (!text) return fail(text.error());
    return parse(*text, path);
}

}  // namespace spate::apps
