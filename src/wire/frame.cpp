#include "wire/frame.h"

#include <array>
#include <optional>

#include "hash/merkle.h"
#include "wire/big_endian.h"
#include "wire/extension_table.h"
#include "wire/limits.h"

namespace spate::wire {
namespace {

constexpr std::uint32_t prefix = 4;  // the length, which does not count itself

struct LengthRule {
    std::uint32_t least = 1;  // with the id's octet
    std::uint32_t most = 0;   // 0: no such message
};

constexpr std::size_t hash_request_length = 1 + 32 + 4 * 4;
constexpr std::uint32_t hashes_length_max =
    hash_request_length + 32 * (hashes_asked_max + hash::kMaxTreeHeight);

constexpr auto length_rules = [] {
    std::array<LengthRule, 24> rules{};
    const auto exactly = [&](MessageId id, std::uint32_t length) {
        rules[static_cast<std::size_t>(id)] = {length, length};
    };
    for (const auto id : {MessageId::choke, MessageId::unchoke, MessageId::interested,
                          MessageId::not_interested, MessageId::have_all, MessageId::have_none})
        exactly(id, 1);
    for (const auto id : {MessageId::have, MessageId::suggest_piece, MessageId::allowed_fast}) exactly(id, 5);
    for (const auto id : {MessageId::request, MessageId::cancel, MessageId::reject_request}) exactly(id, 13);
    exactly(MessageId::port, 3);
    exactly(MessageId::hash_request, hash_request_length);
    exactly(MessageId::hash_reject, hash_request_length);
    rules[static_cast<std::size_t>(MessageId::piece)] = {9 + 1, 9 + request_bytes_max};
    rules[static_cast<std::size_t>(MessageId::bitfield)] = {1, 1 + bitfield_bytes_max};
    rules[static_cast<std::size_t>(MessageId::hashes)] = {hash_request_length + 32, hashes_length_max};
    rules[static_cast<std::size_t>(MessageId::extended)] = {2, unknown_message_bytes_max};
    return rules;
}();

Frame cut_until(std::uint32_t size) {
    return {.kind = Frame::Kind::cut, .size = size};
}
Frame refuse(CloseReason reason, std::uint8_t id, std::uint32_t length) {
    return {.kind = Frame::Kind::refused, .reason = reason, .id = id, .length = length};
}

// seen: octets looked at, the prefix counted.
Frame pass_over(std::uint8_t id, std::uint32_t length, std::uint32_t seen) {
    if (length > unknown_message_bytes_max) return refuse(CloseReason::message_length, id, length);
    return {.kind = Frame::Kind::unknown,
            .id = id,
            .length = length,
            .size = seen,
            .rest = prefix + length - seen};
}

bool fits(MessageId id, std::uint32_t length, std::uint32_t piece_count) {
    const LengthRule rule = length_rules[static_cast<std::size_t>(id)];
    if (length < rule.least || length > rule.most) return false;
    if (id == MessageId::bitfield && piece_count > 0) return length == 1 + metainfo::units(piece_count, 8);
    return id != MessageId::hashes || (length - hash_request_length) % 32 == 0;
}

// Nothing: it is to be read, all of it.
std::optional<Frame> look_at_extended(Bytes octets, std::uint32_t length, ExtensionSet offered) {
    const auto id = static_cast<std::uint8_t>(MessageId::extended);
    if (octets.size() < prefix + 2) return cut_until(prefix + 2);
    const std::uint8_t extension_id = octets[prefix + 1];
    std::uint32_t most = extension_handshake_bytes_max;
    if (extension_id != 0) {
        const ExtensionRow* row = extension_with_our_id(extension_id);
        if (row == nullptr || !offered.has(row->extension)) return pass_over(id, length, prefix + 2);
        most = row->payload_max;
    }
    if (length - 2 > most) return refuse(CloseReason::message_length, id, length);
    return std::nullopt;
}

}  // namespace

Frame look_at(Bytes octets, const FrameRules& rules) {
    if (octets.size() < prefix) return cut_until(prefix);
    const std::uint32_t length = read_u32(octets.data());
    if (length == 0) return {.kind = Frame::Kind::keep_alive, .size = prefix};
    if (octets.size() < prefix + 1) return cut_until(prefix + 1);

    const std::uint8_t id = octets[prefix];
    const bool known = id < length_rules.size() && length_rules[id].most > 0;
    if (!known || (id == static_cast<std::uint8_t>(MessageId::extended) && !rules.extended))
        return pass_over(id, length, prefix + 1);
    const auto message = static_cast<MessageId>(id);
    if (!fits(message, length, rules.piece_count)) {
        const bool bits = message == MessageId::bitfield;
        return refuse(bits ? CloseReason::bad_bitfield : CloseReason::message_length, id, length);
    }
    if (message == MessageId::extended) {
        if (const auto frame = look_at_extended(octets, length, rules.offered)) return *frame;
    }
    const bool block = message == MessageId::piece;
    const std::uint32_t size = block ? prefix + 9 : prefix + length;
    if (octets.size() < size) return cut_until(size);
    return {
        .kind = block ? Frame::Kind::block : Frame::Kind::message, .id = id, .length = length, .size = size};
}

}  // namespace spate::wire
