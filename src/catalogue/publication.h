// Publication and Removal: what PUT and DELETE /torrent/NAME ask of the catalogue, once they were checked:
// the signature is right and the metainfo is one. read_publication() is that check. Pure; it hashes and reads
// up to Limits::metainfo_bytes_per_entry bytes, so it runs in a pool job.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catalogue_protocol/publish_reply.h"
#include "catalogue_protocol/signed_request.h"
#include "hash/signature.h"
#include "metainfo/metainfo.h"

namespace spate::catalogue {

using MetainfoBytes = std::shared_ptr<const std::string>;

struct Publication {
    std::string name;                        // unchecked: the draft does
    std::optional<std::string> description;  // nothing: as it is
    std::string md5;                         // lower case; empty unless it is a single file's
    hash::PublicKey publisher{};
    std::uint64_t sequence = 0;
    MetainfoBytes metainfo;
    hash::Sha256 metainfo_digest{};
    metainfo::InfoHash hash;
    std::uint64_t size = 0;  // of all files
    std::uint32_t files = 1;
};

struct Removal {
    std::string name;
    hash::PublicKey publisher{};
    std::uint64_t sequence = 0;
};

// What a possession check found.
enum class Judgement : std::uint8_t { verified, unverified, refused };

struct ReadPublication {
    Publication publication;
    std::shared_ptr<const metainfo::Metainfo> torrent;
};

// `request`: as read_headers() gave it. Refusals: bad_signature, bad_metainfo, bad_request.
Result<ReadPublication, catalogue_protocol::PublishReply> read_publication(
    catalogue_protocol::SignedRequest request, std::string body);
Result<Removal, catalogue_protocol::PublishReply> read_removal(catalogue_protocol::SignedRequest request);

}  // namespace spate::catalogue
