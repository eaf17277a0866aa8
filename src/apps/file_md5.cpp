#include "apps/file_md5.h"

#include <vector>

#include "apps/torrent_file.h"

namespace spate::apps {
namespace {

constexpr std::size_t window = std::size_t{1} << 20;

Result<hash::Md5> md5_of(io::Files& files, const std::string& path, const std::atomic<bool>& given_up) {
    const auto split = split_path(path);
    if (!split) return fail(split.error());
    auto folder = files.open_folder(split->folder, io::IfMissing::fail);
    if (!folder) return fail(folder.error());
    auto file = (*folder)->open(split->name, io::OpenMode::read);
    if (!file) return fail(file.error());
    hash::Md5Hasher hasher;
    std::vector<std::uint8_t> buffer(window);
    for (std::uint64_t offset = 0; !given_up;) {
        const auto count = (*file)->read_at(offset, buffer);
        if (!count) return fail(count.error());
        hasher.update(Bytes(buffer).first(*count));
        offset += *count;
        if (*count < window) return hasher.finish();
    }
    return fail(Error::system(ECANCELED, "read", path));
}

}  // namespace

FileMd5::FileMd5(io::Files& files, io::WorkPool& pool, std::string path, Done done) {
    const auto result = std::make_shared<Result<hash::Md5>>(hash::Md5{});
    pool.submit([&files, path = std::move(path), result,
                 given_up = given_up_] { *result = md5_of(files, path, *given_up); },
                [result, given_up = given_up_, done = std::move(done)]() mutable {
                    if (!*given_up) done(std::move(*result));
                });
}

FileMd5::~FileMd5() {
    *given_up_ = true;
}

}  // namespace spate::apps
