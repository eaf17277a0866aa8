// RawFrames: messages of the peer protocol as octets, right or wrong as whoever writes them likes; by none of
// src/wire.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "hash/digest.h"

namespace spate::sim {

struct RawId {
    enum : std::uint8_t {
        choke = 0,
        unchoke = 1,
        interested = 2,
        not_interested = 3,
        have = 4,
        bitfield = 5,
        request = 6,
        piece = 7,
        suggest = 13,
        have_all = 14,
        have_none = 15,
        reject = 16,
        allowed_fast = 17,
        extended = 20,
        hash_request = 21,
        hashes = 22,
    };
};

using RawBuffer = std::vector<std::uint8_t>;
inline constexpr std::uint32_t no_limit = 0xffff'ffff;

void put(RawBuffer& out, std::uint32_t number);
void put(RawBuffer& out, std::string_view text);
void put(RawBuffer& out, Bytes bytes);
std::uint32_t number_at(Bytes bytes, std::size_t at);

class RawFrames {
  public:
    RawBuffer& buffer() { return out_; }
    // Without a frame around them.
    void raw(std::initializer_list<std::uint32_t> values) {
        for (const std::uint32_t value : values) put(out_, value);
    }
    void frame(std::uint8_t id, Bytes body = {});
    void numbers(std::uint8_t id, std::initializer_list<std::uint32_t> values);
    void extension(std::uint8_t id, std::string_view text, Bytes rest = {});
    // Of the extension protocol, with metadata as extension 9.
    void hello(std::string_view metadata_size);
    void hash_range(std::uint8_t id, const hash::Sha256& root, std::initializer_list<std::uint32_t> range,
                    std::size_t hashes_after = 0);

  private:
    RawBuffer out_;
};

}  // namespace spate::sim
