// PublishReply: what the tracker answers to PUT and DELETE /torrent/NAME. The word travels in JSON
// ({"result":"created"}), a refusal as {"error":"sentence","result":"name_taken"}. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spate::catalogue_protocol {

enum class PublishResult : std::uint8_t {
    created,    // 201
    replaced,   // 200: the publisher's own entry has new content or a new description
    unchanged,  // 200: it is the publisher's own and says what it said before
    joined,     // 200: somebody else published this content under this name: you are one more seed
    removed,    // 200
    // Refusals.
    not_found,        // 404
    name_taken,       // 409: the name is another content's
    other_publisher,  // 403: only the key that published it may do that
    old_sequence,  // 409: a request with this or a higher sequence came before: a replay, or a clock set back
    bad_request,   // 400
    bad_signature,  // 403
    bad_metainfo,   // 422
    too_large,      // 413
    full,           // 507: a cap of the tracker
    failed,         // 503: its disk; try again
};

struct PublishReply {
    PublishResult result = PublishResult::failed;
    std::string reason;               // for people; empty unless it is a refusal
    std::uint64_t last_sequence = 0;  // with old_sequence: what the next one must be above
    bool operator==(const PublishReply&) const = default;
};

bool is_refusal(PublishResult result);
std::string_view word_of(PublishResult result);
unsigned status_of(PublishResult result);

std::string write_reply(const PublishReply& reply);
Result<PublishReply> read_reply(std::string_view json);

}  // namespace spate::catalogue_protocol
