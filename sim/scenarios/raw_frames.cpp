#include "sim/scenarios/raw_frames.h"

#include <string>

namespace spate::sim {

void put(RawBuffer& out, std::uint32_t number) {
    for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<std::uint8_t>(number >> shift));
}
void put(RawBuffer& out, std::string_view text) {
    out.insert(out.end(), text.begin(), text.end());
}
void put(RawBuffer& out, Bytes bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}
std::uint32_t number_at(Bytes bytes, std::size_t at) {
    return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
           std::uint32_t{bytes[at + 2]} << 8 | std::uint32_t{bytes[at + 3]};
}

void RawFrames::frame(std::uint8_t id, Bytes body) {
    put(out_, static_cast<std::uint32_t>(body.size() + 1));
    out_.push_back(id);
    put(out_, body);
}

void RawFrames::numbers(std::uint8_t id, std::initializer_list<std::uint32_t> values) {
    RawBuffer body;
    for (const std::uint32_t value : values) put(body, value);
    frame(id, body);
}

void RawFrames::extension(std::uint8_t id, std::string_view text, Bytes rest) {
    RawBuffer body{id};
    put(body, text);
    put(body, rest);
    frame(RawId::extended, body);
}

void RawFrames::hello(std::string_view metadata_size) {
    extension(0, "d1:md11:ut_metadatai9ee13:metadata_sizei" + std::string(metadata_size) + "ee");
}

void RawFrames::hash_range(std::uint8_t id, const hash::Sha256& root,
                           std::initializer_list<std::uint32_t> range, std::size_t hashes_after) {
    RawBuffer body;
    put(body, Bytes(root));
    for (const std::uint32_t value : range) put(body, value);
    body.resize(body.size() + 32 * hashes_after, 0x5a);
    frame(id, body);
}

}  // namespace spate::sim
