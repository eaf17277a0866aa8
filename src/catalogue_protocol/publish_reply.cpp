#include "catalogue_protocol/publish_reply.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "base/utf8.h"
#include "catalogue_protocol/json_text.h"
#include "catalogue_protocol/limits.h"

namespace spate::catalogue_protocol {

namespace {

struct Row {
    std::string_view word;
    unsigned status;
};
// In the order of PublishResult.
constexpr std::array<Row, 15> rows{{{"created", 201},
                                    {"replaced", 200},
                                    {"unchanged", 200},
                                    {"joined", 200},
                                    {"removed", 200},
                                    {"not_found", 404},
                                    {"name_taken", 409},
                                    {"other_publisher", 403},
                                    {"old_sequence", 409},
                                    {"bad_request", 400},
                                    {"bad_signature", 403},
                                    {"bad_metainfo", 422},
                                    {"too_large", 413},
                                    {"full", 507},
                                    {"failed", 503}}};
static_assert(rows.size() == static_cast<std::size_t>(PublishResult::failed) + 1);

const Row& row(PublishResult result) {
    return rows[static_cast<std::size_t>(result)];
}

}  // namespace

bool is_refusal(PublishResult result) {
    return result >= PublishResult::not_found;
}

std::string_view word_of(PublishResult result) {
    return row(result).word;
}

unsigned status_of(PublishResult result) {
    return row(result).status;
}

std::string write_reply(const PublishReply& reply) {
    boost::json::object object;
    object["result"] = word_of(reply.result);
    if (is_refusal(reply.result)) object["error"] = json_text(reply.reason);
    if (reply.result == PublishResult::old_sequence) object["last_sequence"] = reply.last_sequence;
    if (reply.result == PublishResult::joined) object["joined"] = true;
    return boost::json::serialize(object) + "\n";
}

Result<PublishReply> read_reply(std::string_view json) {
    const auto object = parse_object(json, page_bytes_max, "tracker's answer");
    if (!object) return fail(object.error());
    const auto word = text_at(*object, "result").value_or("");
    const auto found = std::ranges::find(rows, word, &Row::word);
    if (found == rows.end()) {
        return fail(Error::invalid("read", "tracker's answer", "no result in it", std::errc::bad_message));
    }
    PublishReply reply;
    reply.result = static_cast<PublishResult>(found - rows.begin());
    if (is_refusal(reply.result))
        reply.reason = cut_utf8(text_at(*object, "error").value_or(""), error_bytes_max);
    reply.last_sequence = number_at(*object, "last_sequence").value_or(0);
    return reply;
}

}  // namespace spate::catalogue_protocol
