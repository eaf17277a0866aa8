// For the tests of PeerWire: messages as a stream, and a stream as the lines of its events.
#pragma once

#include <gmock/gmock.h>
#include <string>
#include <vector>

#include "base/rng.h"
#include "wire/big_endian.h"
#include "wire/test_events.h"
#include "wire/write.h"

namespace spate::wire {

using Lines = std::vector<std::string>;

inline constexpr WireOptions all_on{.fast = true, .extended = true, .piece_count = 100, .offered = {}};
inline constexpr ExtensionIds our_ids{{1, 2, 3, 4}};  // as in our handshake

// Read at once, byte by byte, and in random parts: always the same.
inline Lines read(const Buffer& stream, const WireOptions& options = all_on) {
    const Lines lines = read_stream(options, stream, [&] { return stream.size(); });
    EXPECT_EQ(read_stream(options, stream, [] { return 1; }), lines);
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
        Rng rng(seed);
        EXPECT_EQ(read_stream(options, stream, [&] { return 1 + rng.below(40); }), lines);
    }
    return lines;
}

// One message by its parts.
inline Buffer raw(std::uint32_t length, const std::vector<std::uint8_t>& body) {
    Buffer out(4);
    write_u32(out.data(), length);
    for (const std::uint8_t octet : body) out.push_back(octet);
    return out;
}

template <class... Messages>
Buffer stream_of(const Messages&... messages) {
    Buffer out;
    (append(out, messages), ...);
    return out;
}

}  // namespace spate::wire
