#include "apps/config_text.h"

#include <cerrno>
#include <fstream>

namespace spate::apps {

namespace {
constexpr std::size_t config_bytes_max = 64 * 1024 + 1;
}

Result<std::string> read_config_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(Error::system(errno, "open the config file", path));
    std::string text(config_bytes_max, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return fail(Error::system(EIO, "read the config file", path));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

}  // namespace spate::apps
