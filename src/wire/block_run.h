// Runs: neighbouring blocks of one piece under one request, and in one piece message. We ask for them only
// whoever says in its extension handshake how much it takes ("reqmax"); fewer messages, calls and look-ups a
// byte. What becomes of a run is told and counted block by block, so that it may be rejected, cancelled or
// answered in parts. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

#include "wire/message.h"

namespace spate::wire {

// Adds `next` to the run if it goes on there, and the whole lies between two multiples of `most` (a power of
// two), as the windows that are read and the segments that are filled do.
constexpr bool join(BlockRequest& run, const BlockRequest& next, std::uint32_t most) {
    const std::uint32_t end = run.offset + run.length;
    if (run.piece != next.piece || next.offset != end || next.length == 0) return false;
    if (run.offset / most != (end + next.length - 1) / most) return false;
    run.length += next.length;
    return true;
}

// visit(BlockRequest) for every block that the run has a part of, in order.
template <class Visit>
void each_block(const BlockRequest& run, Visit visit) {
    constexpr std::uint64_t offsets = std::uint64_t{1} << 32;  // a peer may name what no piece has
    const std::uint64_t end = std::min(std::uint64_t{run.offset} + run.length, offsets);
    for (std::uint64_t at = run.offset; at < end;) {
        const std::uint64_t next = std::min(end, (at / metainfo::block_size + 1) * metainfo::block_size);
        visit(BlockRequest{run.piece, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(next - at)});
        at = next;
    }
}

// visit(BlockBytes) for every block that these bytes have a part of, in order: as if each had come in a
// message of its own.
template <class Visit>
void each_block(const BlockBytes& bytes, Visit visit) {
    const std::uint32_t begin = bytes.at;
    const std::uint64_t end = begin + bytes.bytes.size();
    std::uint32_t before = 0;  // of the message
    each_block(bytes.block, [&](const BlockRequest& block) {
        const std::uint64_t from = std::max(before, begin);
        const std::uint64_t to = std::min<std::uint64_t>(before + block.length, end);
        if (from < to)
            visit(BlockBytes{block, static_cast<std::uint32_t>(from - before),
                             bytes.bytes.subspan(static_cast<std::size_t>(from - begin),
                                                 static_cast<std::size_t>(to - from))});
        before += block.length;
    });
}

}  // namespace spate::wire
