#include "apps/demo_folder.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "apps/sample_picture.h"
#include "base/hex.h"
#include "base/rng.h"
#include "classic/classic_name.h"
#include "hash/digest.h"

namespace spate::apps {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t copy_bytes = 1 << 20;

Result<void> write_random(const fs::path& path, std::uint64_t size) {
    std::ofstream file(path, std::ios::binary);
    Rng rng(size);
    std::vector<std::uint64_t> block(copy_bytes / 8);
    for (std::uint64_t at = 0; at < size && file; at += copy_bytes) {
        for (auto& word : block) word = rng.next();
        const auto count = std::min<std::uint64_t>(copy_bytes, size - at);
        file.write(reinterpret_cast<const char*>(block.data()), static_cast<std::streamsize>(count));
    }
    file.close();
    if (!file) return fail(Error::system(errno, "write", path.string()));
    return {};
}

Result<void> write_sample(const fs::path& path) {
    std::ofstream file(path, std::ios::binary);
    file.write(sample_picture().data(), static_cast<std::streamsize>(sample_picture().size()));
    file.close();
    if (!file) return fail(Error::system(errno, "write", path.string()));
    return {};
}

// The classic protocol parts its fields by blanks and brackets: a name must do without.
std::string classic_name_of(const fs::path& path) {
    std::string name = path.filename().string();
    for (char& c : name)
        if (!classic::is_clean_name(std::string_view(&c, 1)) && c != '.') c = '_';
    return classic::is_clean_name(name) ? name : "file";
}

// A hard link is a real file and costs no space; another file system wants a copy.
Result<void> link_or_copy(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::create_hard_link(from, to, error);
    if (error) fs::copy_file(from, to, error);
    if (error) return fail(Error{error, "copy", from.string() + " to " + to.string(), {}});
    return {};
}

}  // namespace

std::optional<std::string> md5_of_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    hash::Md5Hasher hasher;
    std::vector<std::uint8_t> block(copy_bytes);
    while (file) {
        file.read(reinterpret_cast<char*>(block.data()), static_cast<std::streamsize>(block.size()));
        hasher.update(Bytes(block).first(static_cast<std::size_t>(file.gcount())));
    }
    if (file.bad()) return std::nullopt;
    return to_hex(hasher.finish());
}

Result<DemoFolder> DemoFolder::make(const std::string& keep, const DemoSource& source, int senders,
                                    int receivers) {
    std::error_code error;
    if (!keep.empty()) {
        for (const char* part : {"test_server", "test_clients"})
            if (fs::exists(fs::path(keep) / part, error))
                return fail(Error::invalid(
                    "use the folder", keep,
                    std::string("it holds ") + part + " already; remove that or name another folder"));
        fs::create_directories(keep, error);
        if (error) return fail(Error{error, "make the folder", keep, {}});
    }
    std::string temporary = (fs::temp_directory_path(error) / "spate-demo-XXXXXX").string();
    if (keep.empty() && ::mkdtemp(temporary.data()) == nullptr)
        return fail(Error::system(errno, "make the folder", temporary));
    DemoFolder folder(keep.empty() ? temporary : keep, keep.empty());
    if (auto filled = folder.fill(source, senders, receivers); !filled)
        return fail(std::move(filled.error()));
    return folder;
}

DemoFolder::~DemoFolder() {
    if (path_.empty() || !temporary_) return;
    std::error_code ignored;  // what cannot be removed from a temporary folder is the system's to clear
    fs::remove_all(path_, ignored);
}

Result<void> DemoFolder::fill(const DemoSource& source, int senders, int receivers) {
    std::error_code error;
    const auto clients = fs::path(path_) / "test_clients";
    for (int number = 1; number <= senders + receivers; ++number) {
        fs::create_directories(clients / ("client_" + std::to_string(number)), error);
        if (error) return fail(Error{error, "make the folders in", path_, {}});
    }
    const auto original = source.path.empty() ? fs::path() : fs::canonical(source.path, error);
    if (error) return fail(Error{error, "open", source.path, {}});
    file_name_ =
        source.path.empty() ? std::string(sample_picture_name) : classic_name_of(fs::path(source.path));
    const auto first = clients / "client_1" / file_name_;
    const auto written = !source.path.empty() ? link_or_copy(original, first)
                         : source.size        ? write_random(first, *source.size)
                                              : write_sample(first);
    if (!written) return written;
    for (int number = 2; number <= senders; ++number) {
        if (auto linked = link_or_copy(first, clients / ("client_" + std::to_string(number)) / file_name_);
            !linked)
            return linked;
    }
    file_size_ = fs::file_size(first, error);
    const auto md5 = md5_of_file(first);
    if (error || !md5) return fail(Error::system(EIO, "read", first.string()));
    md5_ = *md5;
    return {};
}

}  // namespace spate::apps
