#include "apps/config_text.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>

namespace spate::apps {

namespace {
constexpr std::size_t config_bytes_max = std::size_t{64} << 10;
}

// Not by a stream, which reads a folder as an empty file and does not say why it fails.
Result<std::string> read_config_text(const std::string& path) {
    const auto close = [](std::FILE* file) { std::fclose(file); };
    const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "re"));
    if (!file) return fail(Error::system(errno, "open the config file", path));
    std::string text;
    std::array<char, 4096> part{};
    while (const auto size = std::fread(part.data(), 1, part.size(), file.get())) {
        text.append(part.data(), size);
        if (text.size() > config_bytes_max) return fail(Error::system(EFBIG, "read the config file", path));
    }
    if (std::ferror(file.get()) != 0) return fail(Error::system(errno, "read the config file", path));
    return text;
}

}  // namespace spate::apps
