#include "wire/pex.h"

#include <algorithm>

#include "wire/limits.h"

namespace spate::wire {
namespace {

constexpr Duration minute = std::chrono::minutes(1);
constexpr Duration least_pause = std::chrono::seconds(45);  // the peer's minute, and what the network adds

}  // namespace

std::optional<Pex> PexOutbox::next(std::span<const PexContact> connected, TimePoint now) {
    if (now < next_) return std::nullopt;
    Pex message;
    std::set<Endpoint> gone = told_;
    for (const PexContact& contact : connected) {
        gone.erase(contact.endpoint);
        if (message.added.size() == pex_contacts_max || told_.size() == pex_told_max) continue;
        if (told_.insert(contact.endpoint).second) message.added.push_back(contact);
    }
    for (const Endpoint& endpoint : gone) {
        if (message.dropped.size() == pex_contacts_max) break;
        message.dropped.push_back(endpoint);
        told_.erase(endpoint);
    }
    if (message.added.empty() && message.dropped.empty()) return std::nullopt;
    next_ = now + minute;
    return message;
}

std::vector<PexContact> PexInbox::take(const Pex& message, TimePoint now) {
    std::vector<PexContact> contacts;
    if (now < next_) return contacts;
    next_ = now + least_pause;
    const std::size_t most = first_ ? pex_first_contacts_max : pex_contacts_max;
    first_ = false;
    for (const PexContact& contact : message.added) {
        if (contacts.size() == most || seen_.size() == pex_told_max) break;
        // Several peers on one machine are told apart; elsewhere many ports of one address are an attack on
        // it.
        const Address& address = contact.endpoint.address;
        const Endpoint key{address, address.is_loopback() ? contact.endpoint.port : std::uint16_t{0}};
        if (seen_.insert(key).second) contacts.push_back(contact);
    }
    return contacts;
}

}  // namespace spate::wire
