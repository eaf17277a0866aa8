// Any bytes as the payload of an extended message (the first byte is its id): what is read keeps its limits,
// and written again it reads as the same.
#include "base/assert.h"
#include "wire/limits.h"
#include "wire/test_events.h"
#include "wire/write.h"

using namespace spate;
using namespace spate::wire;

namespace {

constexpr ExtensionIds ids{{1, 2, 3, 4}};

template <class Message>
void write(Buffer& out, const Message& message) {
    if constexpr (std::is_same_v<Message, ExtensionHandshake>) {
        append(out, message, ExtensionSet{});
    } else if constexpr (requires { append(out, ids, message); }) {
        append(out, ids, message);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    Buffer stream;
    append_extended(stream, data[0], Bytes(data + 1, size - 1));
    PeerWire wire({.fast = true, .extended = true, .piece_count = 1000, .offered = {}});
    std::vector<Event> events;
    if (!wire.feed(stream, events) || events.empty()) return 0;
    SPATE_ASSERT(events.size() == 1);
    if (const auto* pex = std::get_if<Pex>(&events[0]))
        SPATE_ASSERT(pex->added.size() <= pex_first_contacts_max &&
                     pex->dropped.size() <= pex_first_contacts_max);
    if (const auto* have = std::get_if<DontHave>(&events[0])) SPATE_ASSERT(have->piece.value < 1000);
    if (const auto* handshake = std::get_if<ExtensionHandshake>(&events[0]))
        SPATE_ASSERT(!handshake->metadata_size || *handshake->metadata_size <= metadata_bytes_max);

    Buffer again;
    std::visit([&](const auto& message) { write(again, message); }, events[0]);
    std::vector<Event> events_again;
    SPATE_ASSERT(wire.feed(again, events_again) && events_again.size() == 1);
    SPATE_ASSERT(text_of(events_again[0]) == text_of(events[0]));
    return 0;
}
