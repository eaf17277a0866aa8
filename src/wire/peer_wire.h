// PeerWire: the stream of one peer after the handshake, read into events. Sans-I/O: any split of the stream
// gives the same events (only the data of a block comes in other parts) and the same error.
//
// Every length is compared with its type before a byte is kept. The data of blocks is never kept: BlockBytes
// views the buffer that was fed. Other messages are kept only while they are cut; the views of an event are
// valid until the buffer fed changes or feed() is called again. Rules that need only the stream are kept
// here: bitfield, have all, have none once and before every have, request or block, but for a few bitfields
// that come later in place of many haves (aria2 sends such); BEP 6 only if negotiated;
// piece indices within the torrent; suggestions and allowed-fast pieces at most so many, and none beyond the
// end.
//
// Memory: 128 bytes kept, one cut message besides (by type at most, limits.h), freed with the next feed. At
// most one event for each 5 bytes fed. One owner, one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/close_reason.h"
#include "wire/event.h"
#include "wire/frame.h"

namespace spate::wire {

struct WireOptions {
    bool fast = false;              // both sides set the bit
    bool extended = false;          // likewise
    std::uint32_t piece_count = 0;  // 0: not known yet (magnet link)
    ExtensionSet offered{};         // what our extension handshake offers
};

class PeerWire {
  public:
    explicit PeerWire(const WireOptions& options);

    // On an error, `out` has what came before it; every later feed fails with the same one.
    Result<void, WireError> feed(Bytes bytes, std::vector<Event>& out);

    // The metadata came: piece indices are checked from now on. What was told before is in the owner's
    // EarlyHave.
    void set_piece_count(std::uint32_t count);

    const ExtensionIds& peer_extensions() const { return peer_extensions_; }
    bool fast() const { return options_.fast; }
    bool extended() const { return options_.extended; }
    // Inside a message that is not there in full (a block counts): it must go on.
    bool mid_message() const { return !partial_.empty() || skip_ > 0 || block_at_ < block_.length; }

  private:
    Bytes take_cut_frame(Bytes bytes, std::vector<Event>& out);
    Bytes take_block_bytes(Bytes bytes, std::vector<Event>& out);
    Bytes pass_over(Bytes bytes);
    void take_frame(const Frame& frame, Bytes octets, std::vector<Event>& out);
    CloseReason take_message(MessageId id, Bytes body, std::vector<Event>& out);
    CloseReason take_first_have(MessageId id, Bytes body, std::vector<Event>& out);
    CloseReason take_extended(Bytes body, std::vector<Event>& out);
    bool is_inside(PieceIndex piece) const;
    FrameRules rules() const { return {options_.piece_count, options_.extended, options_.offered}; }

    WireOptions options_;
    ExtensionIds peer_extensions_;
    WireError error_;
    std::vector<std::uint8_t> partial_;  // the start of a message that is cut
    std::vector<std::uint8_t> whole_;    // one that was cut and is there now; its events view it
    BlockRequest block_;                 // whose data is coming
    std::uint32_t block_at_ = 0;
    std::uint32_t skip_ = 0;  // bytes of a message that is passed over
    std::uint8_t suggestions_ = 0;
    std::uint8_t allowed_fast_ = 0;
    std::uint8_t late_bitfields_ = 0;
    bool have_over_ = false;  // have all, have none: may not come any more
};

}  // namespace spate::wire
