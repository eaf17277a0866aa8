// Any lines as requests to a catalogue with small caps, batched in any way: the caps hold, no line of a peer
// leaves its file, and what GET would send is read again as it was meant.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "base/assert.h"
#include "catalogue/draft.h"
#include "catalogue/replies.h"
#include "classic/tracker_file.h"
#include "classic/tracker_request.h"

using namespace spate;
using namespace spate::catalogue;

namespace {

void check(const Catalogue& catalogue, const Limits& limits, WallTime now) {
    std::size_t peers = 0;
    SPATE_ASSERT(catalogue.entries().size() <= limits.entries);
    for (const auto& [name, entry] : catalogue.entries()) {
        peers += entry->peers.size();
        SPATE_ASSERT(entry->peers.size() <= limits.peers_per_entry);
        const auto file = classic::parse_tracker_file(tracker_file_text(*entry, now, limits.peer_timeout));
        SPATE_ASSERT(file && file->name == name && file->size == entry->size && file->skipped_lines == 0);
        SPATE_ASSERT(catalogue.entries_of(source_of(entry->owner)) <= limits.entries_per_source);
    }
    SPATE_ASSERT(peers == catalogue.peer_count() && peers <= limits.peers);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Limits limits;
    limits.entries = 4;
    limits.entries_per_source = 3;
    limits.peers_per_entry = 3;
    limits.peers = 6;
    Catalogue catalogue;
    Replies replies(catalogue, limits);
    WallTime now{1000};
    Draft draft(catalogue, limits, now);
    std::string_view text(reinterpret_cast<const char*>(data), size);
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const auto request = classic::parse_tracker_request(line);
        const auto from = Address::v4(10, 0, 0, static_cast<std::uint8_t>(line.size() & 1U));
        if (const auto* create = std::get_if<classic::CreateTracker>(&request)) {
            draft.create(*create, from, Verification::unchecked);
        } else if (const auto* update = std::get_if<classic::UpdateTracker>(&request)) {
            draft.update(*update);
        } else if (std::holds_alternative<classic::BareTracker>(request)) {
            draft.bare_tracker();
        } else {
            const auto changes = draft.take();
            catalogue.adopt(changes, limits.removed_names);
            replies.forget(changes);
            check(catalogue, limits, now);
            replies.list();
            for (const auto& [name, entry] : catalogue.entries())
                SPATE_ASSERT(replies.get(name, now) != nullptr);
        }
    }
    return 0;
}
