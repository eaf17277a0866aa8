// Any bytes as publish requests: headers, name and body as a stranger sends them. The first byte chooses what
// is there to be published over. Requests are signed here, so that the fuzzer gets past the signature; what
// the catalogue takes must hold its rules, and what it says must be read again as it was meant.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "catalogue/draft.h"
#include "catalogue/listing.h"
#include "catalogue/publication.h"
#include "catalogue_protocol/list_query.h"
#include "catalogue_protocol/signed_request.h"
#include "classic/classic_name.h"
#include "http/url.h"

using namespace spate;
using namespace spate::catalogue;

namespace {

struct NoCounts final : SwarmCounts {
    SwarmCount count(const hash::Sha1&) override { return {}; }
};

// Up to the next line end; taken off.
std::string_view take_line(std::string_view& text) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

void check_read_headers(std::string_view lines) {
    http::Headers headers;
    while (!lines.empty()) {
        const auto line = take_line(lines);
        const auto colon = std::min(line.find(':'), line.size());
        headers.add(std::string(line.substr(0, colon)),
                    std::string(line.substr(std::min(line.size(), colon + 1))));
    }
    const auto read = catalogue_protocol::read_headers(catalogue_protocol::Action::publish, "n", headers);
    if (!read) return;
    const auto again = catalogue_protocol::read_headers(catalogue_protocol::Action::publish, "n",
                                                        catalogue_protocol::write_headers(*read));
    SPATE_ASSERT(again && *again == *read);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    check_read_headers(text);
    const hash::SigningKey key(hash::KeySeed{1});
    Limits limits;
    limits.metainfo_bytes = 4'000;
    limits.entries = 2;
    Catalogue catalogue;
    NoCounts counts;
    for (std::uint64_t sequence = 1; !text.empty() && sequence < 5; ++sequence) {
        catalogue_protocol::SignedRequest request;
        request.name = http::percent_decoded(take_line(text)).value_or("n");
        request.description = take_line(text).substr(0, catalogue_protocol::description_bytes_max);
        request.sequence = sequence;
        const auto body = std::string(text.substr(0, text.find("\n\n")));
        text.remove_prefix(std::min(text.size(), body.size() + 2));
        request.body_digest = hash::sha256(as_bytes(body));
        catalogue_protocol::sign(request, key);
        const auto read = read_publication(request, body);
        if (!read) continue;
        Draft draft(catalogue, limits, WallTime{static_cast<std::int64_t>(sequence)});
        draft.publish(read->publication, Address::loopback());
        catalogue.adopt(draft.take(), limits.removed_names);
    }
    SPATE_ASSERT(catalogue.metainfo_bytes() <= limits.metainfo_bytes && catalogue.entries().size() <= 2);
    const auto page = list_page(catalogue, {}, counts, WallTime{9}, limits);
    SPATE_ASSERT(page.entries.size() == catalogue.entries().size());
    const auto again = catalogue_protocol::read_page(catalogue_protocol::write_page(page));
    SPATE_ASSERT(again && again->entries.size() == page.entries.size());
    for (std::size_t i = 0; i < page.entries.size(); ++i) {
        SPATE_ASSERT(classic::is_clean_name(page.entries[i].name) &&
                     again->entries[i].name == page.entries[i].name);
    }
    return 0;
}
