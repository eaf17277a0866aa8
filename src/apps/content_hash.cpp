#include "apps/content_hash.h"

#include <filesystem>
#include <memory>

#include "apps/file_md5.h"
#include "apps/hash_watch.h"
#include "base/hex.h"
#include "base/printable.h"
#include "metainfo/torrent_reader.h"

namespace spate::apps {

std::optional<Result<HashedContent>> hash_content(const creation::CreateRequest& request, bool quiet) {
    io_linux::Loop loop(request.jobs + 1);
    const auto world = loop.world();
    std::optional<Result<creation::Created>> created;
    std::optional<Result<hash::Md5>> md5;
    std::unique_ptr<creation::Creation> creation;
    std::unique_ptr<FileMd5> file_md5;
    HashWatch watch(loop, {request.name, quiet}, [&] { return creation->progress(); });
    const auto done_if_both = [&] {
        if (created && (md5 || !*created || !file_md5)) watch.done();
    };
    std::error_code error;
    if (!std::filesystem::is_directory(request.path, error))
        file_md5 =
            std::make_unique<FileMd5>(world.files, world.pool, request.path, [&](Result<hash::Md5> found) {
                md5 = std::move(found);
                done_if_both();
            });
    creation = std::make_unique<creation::Creation>(world.files, world.pool, request,
                                                    [&](Result<creation::Created> made) {
                                                        created = std::move(made);
                                                        done_if_both();
                                                    });
    if (!watch.run()) return std::nullopt;
    if (!*created) return fail(created->error());
    if (md5 && !*md5) return fail(md5->error());
    HashedContent hashed;
    for (const auto& note : (*created)->notes) hashed.notes.push_back(printable(note, 2000));
    auto metainfo = metainfo::read_torrent(as_bytes((*created)->torrent), metainfo::CaseRule::keep);
    if (!metainfo) return fail(metainfo.error());
    hashed.metainfo = std::move(*metainfo);
    hashed.torrent = std::move((*created)->torrent);
    hashed.found = std::move((*created)->found);
    if (md5) hashed.md5 = to_hex(**md5);
    return hashed;
}

}  // namespace spate::apps
