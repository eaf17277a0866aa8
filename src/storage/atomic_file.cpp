#include "storage/atomic_file.h"

#include "storage/file_name.h"

namespace spate::storage {

namespace {

struct Place {
    std::string_view folder;  // empty: the held folder itself
    std::string_view name;
};

Place split(std::string_view path) {
    const auto slash = path.rfind('/');
    if (slash == path.npos) return {{}, path};
    return {path.substr(0, slash), path.substr(slash + 1)};
}

Result<void> write_new(io::Folder& folder, std::string_view path, Bytes content, Sync sync) {
    auto file = folder.open(path, io::OpenMode::create_empty);
    if (!file) return fail(std::move(file.error()));
    if (auto written = (*file)->write_at(0, content); !written) return written;
    if (sync == Sync::yes) return (*file)->sync();
    return {};
}

}  // namespace

std::string temporary_name(std::string_view path) {
    static constexpr std::string_view ending = ".new~";
    const auto [folder, name] = split(path);
    const auto temporary = with_suffix(name, ending);
    return folder.empty() ? temporary : std::string(folder) + "/" + temporary;
}

Result<void> replace_file(io::Folder& folder, std::string_view path, Bytes content, Sync sync) {
    const auto temporary = temporary_name(path);
    auto done = write_new(folder, temporary, content, sync);
    if (done) done = folder.rename(temporary, path);
    if (!done) {
        // The first error is the one to report; a temporary file that stays is replaced the next time.
        static_cast<void>(folder.remove(temporary).has_value());
        return done;
    }
    if (sync == Sync::yes) return folder.sync(split(path).folder);
    return {};
}

Result<std::vector<std::uint8_t>> read_file(io::Folder& folder, std::string_view path, std::size_t size_max) {
    auto file = folder.open(path, io::OpenMode::read);
    if (!file) return fail(std::move(file.error()));
    const auto size = (*file)->size();
    if (!size) return fail(size.error());
    if (*size > size_max) {
        return fail(
            Error::invalid("read", std::string(path),
                           "it is larger than the " + std::to_string(size_max) + " bytes that are read",
                           std::errc::file_too_large));
    }
    std::vector<std::uint8_t> content(static_cast<std::size_t>(*size));
    if (content.empty()) return content;
    const auto count = (*file)->read_at(0, content);
    if (!count) return fail(count.error());
    content.resize(*count);
    return content;
}

}  // namespace spate::storage
