// Announces and scrapes over HTTP, both sides: what is read can be written and is read again as the same.
#include "announce/http_announce.h"
#include "announce/http_question.h"
#include "base/assert.h"

using namespace spate;
using namespace spate::announce;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto request = parse_announce_query(text)) {
        const auto tracker = http::Url::parse("http://t/announce?key=value").value();
        auto expected = *request;
        const auto again = parse_announce_query(*announce_url(tracker, *request).query);
        SPATE_ASSERT(again && again->swarm == expected.swarm && again->left == expected.left);
        SPATE_ASSERT(again->event == expected.event && again->want == expected.want);
    }
    if (const auto hashes = parse_scrape_query(text)) SPATE_ASSERT(hashes->size() <= scrape_hashes_max);
    if (const auto reply = parse_announce_reply(text)) {
        if (const auto* announced = std::get_if<AnnounceReply>(&*reply)) {
            SPATE_ASSERT(announced->peers.size() <= peers_in_reply_max);
            for (const bool compact : {true, false}) {
                const auto again = parse_announce_reply(write_announce_reply(*announced, compact));
                SPATE_ASSERT(again &&
                             std::get<AnnounceReply>(*again).peers.size() == announced->peers.size());
            }
        } else {
            const auto again = parse_announce_reply(write_failure(std::get<Failure>(*reply)));
            SPATE_ASSERT(again && std::get<Failure>(*again) == std::get<Failure>(*reply));
        }
    }
    if (const auto reply = parse_scrape_reply(text))
        if (const auto* files = std::get_if<0>(&*reply))
            SPATE_ASSERT(parse_scrape_reply(write_scrape_reply(*files)));
    return 0;
}
