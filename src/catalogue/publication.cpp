#include "catalogue/publication.h"

#include <algorithm>
#include <utility>

#include "hash/digest.h"
#include "metainfo/torrent_reader.h"

namespace spate::catalogue {

using catalogue_protocol::PublishReply;
using catalogue_protocol::PublishResult;

namespace {

std::unexpected<PublishReply> refuse(PublishResult result, std::string reason) {
    return std::unexpected(PublishReply{result, std::move(reason)});
}

std::uint32_t file_count(const metainfo::FileLayout& layout) {
    return static_cast<std::uint32_t>(
        std::ranges::count_if(layout.files(), [](const metainfo::File& f) { return !f.attributes.pad; }));
}

}  // namespace

Result<ReadPublication, PublishReply> read_publication(catalogue_protocol::SignedRequest request,
                                                       std::string body) {
    request.body_digest = hash::sha256(as_bytes(body));
    if (!catalogue_protocol::is_right(request)) {
        return refuse(PublishResult::bad_signature, "the signature is not the key's over this request");
    }
    auto torrent = metainfo::read_torrent(as_bytes(body));
    if (!torrent) return refuse(PublishResult::bad_metainfo, torrent.error().message());
    const auto& info = torrent->info;
    const auto files = file_count(info.layout);
    if (!request.md5.empty() && files != 1) {
        return refuse(PublishResult::bad_request, "an MD5 goes with a single file only");
    }
    ReadPublication read;
    auto& publication = read.publication;
    publication.name = std::move(request.name);
    publication.description = std::move(request.description);
    publication.md5 = std::move(request.md5);
    publication.publisher = request.publisher;
    publication.sequence = request.sequence;
    publication.metainfo_digest = request.body_digest;
    publication.hash = info.hash;
    publication.size = info.layout.total_size();
    publication.files = files;
    publication.metainfo = std::make_shared<const std::string>(std::move(body));
    read.torrent = std::make_shared<const metainfo::Metainfo>(std::move(*torrent));
    return read;
}

Result<Removal, PublishReply> read_removal(catalogue_protocol::SignedRequest request) {
    request.body_digest = hash::sha256({});
    if (!catalogue_protocol::is_right(request)) {
        return refuse(PublishResult::bad_signature, "the signature is not the key's over this request");
    }
    return Removal{std::move(request.name), request.publisher, request.sequence};
}

}  // namespace spate::catalogue
