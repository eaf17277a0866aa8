// Frame: what the first octets of a message say, before anything of it is kept: its type, and whether a
// message of that type may be that long. Pure; internal to PeerWire.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "wire/close_reason.h"
#include "wire/extension_messages.h"
#include "wire/message.h"

namespace spate::wire {

struct Frame {
    enum class Kind : std::uint8_t {
        cut,         // `size` octets must be there before more can be said
        keep_alive,  // `size` octets, nothing in them
        message,     // `size` octets, all there
        block,       // `size` octets of header; the data follows
        unknown,     // `size` octets seen, `rest` more to pass over
        refused,
    };
    Kind kind = Kind::cut;
    CloseReason reason = CloseReason::none;
    std::uint8_t id = 0;       // refused, message, unknown
    std::uint32_t length = 0;  // as claimed, without its own four octets
    std::uint32_t size = 0;
    std::uint32_t rest = 0;
};

struct FrameRules {
    std::uint32_t piece_count = 0;  // 0: not known
    bool extended = false;
    ExtensionSet offered{};
};

// octets: from the start of a message; any number of them.
Frame look_at(Bytes octets, const FrameRules& rules);

}  // namespace spate::wire
