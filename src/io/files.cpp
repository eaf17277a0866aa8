#include "io/files.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace spate::io {
bool File::read_cached(std::uint64_t, MutableBytes) {
    return false;
}

void File::will_need(std::uint64_t, std::uint64_t) {}

Result<void> File::reserve(std::uint64_t size) {
    const auto there = this->size();
    if (!there) return fail(there.error());
    return *there < size ? resize(size) : Result<void>();
}

Result<MarkedInfo> Folder::marked_info(std::string_view path) {
    auto info = this->info(path);
    if (!info) return fail(std::move(info.error()));
    return MarkedInfo{*info, {}};
}

Result<void> Folder::sync_all() {
    return fail(Error::system(EOPNOTSUPP, "sync", path()));
}

Result<void> Folder::make_link(std::string_view path, std::string_view) {
    return fail(Error::system(EOPNOTSUPP, "make link", std::string(path)));
}

Result<std::string> Folder::read_link(std::string_view path) {
    return fail(Error::system(EOPNOTSUPP, "read link", std::string(path)));
}

Result<void> Folder::make_executable(std::string_view path) {
    return fail(Error::system(EOPNOTSUPP, "make executable", std::string(path)));
}

Result<void> check_path(std::string_view path) {
    const auto refuse = [&](const char* why) {
        return fail(Error::invalid("use path", std::string(path.substr(0, 300)), why));
    };
    if (path.empty()) return refuse("it is empty");
    if (path.size() > 4096) return refuse("it is longer than 4096 bytes");
    if (path.find('\0') != path.npos) return refuse("it holds a NUL byte");
    for (std::size_t start = 0; start <= path.size();) {
        const auto slash = std::min(path.find('/', start), path.size());
        const auto component = path.substr(start, slash - start);
        if (component.empty()) return refuse("it has an empty component");
        if (component == "." || component == "..") return refuse("it has a component of dots");
        if (component.size() > 255) return refuse("it has a component longer than 255 bytes");
        start = slash + 1;
    }
    return {};
}

}  // namespace spate::io
