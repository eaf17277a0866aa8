#include "announce/connection_ids.h"

#include <algorithm>
#include <array>

namespace spate::announce {
namespace {

using Epochs = std::chrono::duration<std::int64_t, std::ratio<connection_id_epoch / std::chrono::seconds(1)>>;

std::int64_t epoch_of(TimePoint now) {
    return std::chrono::floor<Epochs>(now.time_since_epoch()).count();
}

constexpr std::uint64_t tag_mask = (std::uint64_t{1} << 56) - 1;

}  // namespace

std::uint64_t ConnectionIds::id_of(const Address& asker, std::int64_t epoch) const {
    const Address address = asker.unmapped();
    std::array<std::uint8_t, 8 + 16 + 1> message;
    for (std::size_t i = 0; i < 8; ++i)
        message[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(epoch) >> (8 * i) & 0xff);
    std::ranges::copy(address.octets(), message.begin() + 8);
    message.back() = address.is_v4() ? 4 : 6;
    return (static_cast<std::uint64_t>(epoch) & 0xff) << 56 | (hash::siphash(key_, message) & tag_mask);
}

std::uint64_t ConnectionIds::issue(const Address& asker, TimePoint now) const {
    return id_of(asker, epoch_of(now));
}

bool ConnectionIds::valid(std::uint64_t id, const Address& asker, TimePoint now) const {
    const std::int64_t epoch = epoch_of(now);
    const bool of_this_epoch = id >> 56 == (static_cast<std::uint64_t>(epoch) & 0xff);
    // Two whole numbers are compared in one step: nothing to be learnt from how long it takes.
    return id == id_of(asker, of_this_epoch ? epoch : epoch - 1);
}

}  // namespace spate::announce
