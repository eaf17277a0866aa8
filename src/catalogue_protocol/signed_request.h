// SignedRequest: PUT and DELETE /torrent/NAME: the headers that say who publishes what, and the signature
// over it (docs/protocols/catalogue.md). Both sides. Reading checks form only: that the signature is right is
// is_right(), which needs the body's digest. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "catalogue_protocol/limits.h"
#include "hash/digest.h"
#include "hash/signature.h"
#include "http/message.h"

namespace spate::catalogue_protocol {

enum class Action : std::uint8_t { publish, remove };

struct SignedRequest {
    Action action = Action::publish;
    std::string name;            // of the entry; decoded, unchecked
    std::uint64_t sequence = 0;  // grows with every request of this key for this name; at most 2^63 - 1
    hash::Sha256 body_digest{};  // of the metainfo; of nothing for a removal
    // One line, at most description_bytes_max; nothing: the entry keeps the one it has. Signed as an empty
    // one.
    std::optional<std::string> description;
    std::string md5;         // of a single file's content: 32 hex digits in lower case; or empty
    std::uint16_t port = 0;  // where the sharer's BitTorrent listens; 0: nowhere. Not signed
    hash::PublicKey publisher{};
    hash::Signature signature{};
    bool operator==(const SignedRequest&) const = default;
};

// Sets publisher and signature; everything else is set already.
void sign(SignedRequest& request, const hash::SigningKey& key);
bool is_right(const SignedRequest& request);

http::Headers write_headers(const SignedRequest& request);
// body_digest is left to the caller. Errors: object is the header.
Result<SignedRequest> read_headers(Action action, std::string name, const http::Headers& headers);

// "/torrent/NAME", the name percent-encoded.
std::string torrent_path(std::string_view name);
std::string entry_path(std::string_view name);

}  // namespace spate::catalogue_protocol
