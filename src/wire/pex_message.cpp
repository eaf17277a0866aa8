// ut_pex messages (BEP 11), read and written.
#include <algorithm>
#include <set>
#include <string>

#include "bencode/writer.h"
#include "wire/big_endian.h"
#include "wire/extension_table.h"
#include "wire/limits.h"
#include "wire/write.h"

namespace spate::wire {
namespace {

constexpr std::size_t port_size = 2;

Bytes string_of(bencode::Value dictionary, std::string_view key) {
    const auto value = dictionary.find(key);
    return as_bytes(value ? value->string().value_or("") : "");
}

Endpoint endpoint_at(Bytes octets) {
    const std::size_t address_size = octets.size() - port_size;
    std::array<std::uint8_t, 16> v6{};
    std::copy_n(octets.begin(), address_size, v6.begin());
    const Address address =
        address_size == 4 ? Address::v4(v6[0], v6[1], v6[2], v6[3]) : Address::v6(v6).unmapped();
    return {address, read_u16(octets.data() + address_size)};
}

// Calls take(endpoint, index) for each whole contact with a port that `seen` has not.
template <class Take>
void each_contact(Bytes contacts, std::size_t address_size, std::set<Endpoint>& seen, Take take) {
    const std::size_t size = address_size + port_size;
    for (std::size_t i = 0; (i + 1) * size <= contacts.size() && seen.size() < pex_first_contacts_max; ++i) {
        const Endpoint endpoint = endpoint_at(contacts.subspan(i * size, size));
        if (endpoint.port != 0 && seen.insert(endpoint).second) take(endpoint, i);
    }
}

void append_endpoint(std::string& out, const Endpoint& endpoint) {
    const auto& octets = endpoint.address.octets();
    out.append(as_text(Bytes(octets).first(endpoint.address.is_v4() ? 4 : 16)));
    out += static_cast<char>(endpoint.port >> 8);
    out += static_cast<char>(endpoint.port & 0xff);
}

}  // namespace

CloseReason read_pex_message(Bytes payload, const ReadContext&, std::vector<Event>& out) {
    const auto document = bencode::Document::parse(payload, extension_bencode_limits);
    if (!document || !document->root().is(bencode::Kind::dictionary))
        return CloseReason::bad_extension_message;
    const bencode::Value root = document->root();
    Pex pex;
    std::set<Endpoint> seen;
    const auto add = [&](std::string_view key, std::string_view flags_key, std::size_t address_size) {
        const Bytes flags = string_of(root, flags_key);
        each_contact(string_of(root, key), address_size, seen, [&](const Endpoint& endpoint, std::size_t i) {
            pex.added.push_back({endpoint, i < flags.size() ? flags[i] : std::uint8_t{0}});
        });
    };
    add("added", "added.f", 4);
    add("added6", "added6.f", 16);
    seen.clear();
    const auto drop = [&](const Endpoint& endpoint, std::size_t) { pex.dropped.push_back(endpoint); };
    each_contact(string_of(root, "dropped"), 4, seen, drop);
    each_contact(string_of(root, "dropped6"), 16, seen, drop);
    out.emplace_back(std::move(pex));
    return CloseReason::none;
}

void append(Buffer& out, const ExtensionIds& peer, const Pex& message) {
    std::string added[2], flags[2], dropped[2];  // IPv4, IPv6
    for (const PexContact& contact : message.added) {
        const std::size_t family = contact.endpoint.address.is_v4() ? 0 : 1;
        append_endpoint(added[family], contact.endpoint);
        flags[family] += static_cast<char>(contact.flags);
    }
    for (const Endpoint& endpoint : message.dropped)
        append_endpoint(dropped[endpoint.address.is_v4() ? 0 : 1], endpoint);
    bencode::Writer writer;
    writer.begin_dictionary();
    writer.key("added").string(added[0]).key("added.f").string(flags[0]);
    writer.key("added6").string(added[1]).key("added6.f").string(flags[1]);
    writer.key("dropped").string(dropped[0]).key("dropped6").string(dropped[1]);
    append_extended(out, peer, Extension::pex, as_bytes(writer.end().take()));
}

}  // namespace spate::wire
