// The extension handshake (BEP 10), read and written.
#include <algorithm>
#include <string>

#include "bencode/writer.h"
#include "wire/big_endian.h"
#include "wire/extension_table.h"
#include "wire/limits.h"
#include "wire/write.h"

namespace spate::wire {
namespace {

// The number under that key when it is one of [least, most].
std::optional<std::uint32_t> number(bencode::Value dictionary, std::string_view key, std::int64_t least,
                                    std::int64_t most) {
    const auto value = dictionary.find(key);
    const auto found = value ? value->integer() : std::nullopt;
    if (!found || *found < least || *found > most) return std::nullopt;
    return static_cast<std::uint32_t>(std::min<std::int64_t>(*found, UINT32_MAX));
}

std::optional<Address> address(std::string_view octets) {
    const Bytes bytes = as_bytes(octets);
    if (bytes.size() == 4) return Address::v4(bytes[0], bytes[1], bytes[2], bytes[3]);
    if (bytes.size() != 16) return std::nullopt;
    std::array<std::uint8_t, 16> v6{};
    std::ranges::copy(bytes, v6.begin());
    return Address::v6(v6).unmapped();
}

// Its own address under that key; nothing when it is of the other family.
std::optional<Address> own_address(bencode::Value dictionary, std::string_view key, bool v4) {
    const auto value = dictionary.find(key);
    const auto found = value ? address(value->string().value_or("")) : std::nullopt;
    return found && found->is_v4() == v4 ? found : std::nullopt;
}

Bytes octets_of(const Address& address) {
    return Bytes(address.octets()).first(address.is_v4() ? 4 : 16);
}

void read_ids(bencode::Value messages, ExtensionIds& ids) {
    messages.each_entry([&](std::string_view name, bencode::Value value) {
        const auto row = std::ranges::find(extension_rows(), name, &ExtensionRow::name);
        const auto id = value.integer();
        if (row != extension_rows().end() && id && *id >= 0 && *id <= 255)
            ids.ids[static_cast<std::size_t>(row->extension)] = static_cast<std::uint8_t>(*id);
        return true;
    });
}

}  // namespace

CloseReason read_extension_handshake(Bytes payload, ExtensionIds& ids, std::vector<Event>& out) {
    const auto document = bencode::Document::parse(payload, extension_bencode_limits);
    if (!document || !document->root().is(bencode::Kind::dictionary))
        return CloseReason::bad_extension_message;
    const bencode::Value root = document->root();
    if (const auto messages = root.find("m")) read_ids(*messages, ids);

    ExtensionHandshake handshake;
    if (const auto client = root.find("v")) handshake.client = client->string().value_or("");
    if (const auto port = number(root, "p", 1, UINT16_MAX))
        handshake.listen_port = static_cast<std::uint16_t>(*port);
    if (const auto queue = number(root, "reqq", 1, INT64_MAX))
        handshake.request_queue = std::min(*queue, request_queue_max);
    handshake.metadata_size = number(root, "metadata_size", 1, metadata_bytes_max);
    if (const auto yours = root.find("yourip"))
        handshake.your_address = address(yours->string().value_or(""));
    handshake.ipv4 = own_address(root, "ipv4", true);
    handshake.ipv6 = own_address(root, "ipv6", false);
    if (const auto upload_only = root.find("upload_only"))
        if (const auto value = upload_only->integer()) handshake.upload_only = *value != 0;
    handshake.prefers_encryption = number(root, "e", 1, INT64_MAX).has_value();
    out.emplace_back(handshake);
    return CloseReason::none;
}

void append(Buffer& out, const ExtensionHandshake& message, ExtensionSet offered) {
    bencode::Writer writer;
    writer.begin_dictionary();
    if (message.prefers_encryption) writer.key("e").integer(1);
    if (message.ipv4) writer.key("ipv4").string(octets_of(*message.ipv4));
    if (message.ipv6) writer.key("ipv6").string(octets_of(*message.ipv6));
    writer.key("m").begin_dictionary();
    for (const ExtensionRow& row : extension_rows())
        if (offered.has(row.extension)) writer.key(row.name).integer(row.our_id());
    writer.end();
    if (message.metadata_size) writer.key("metadata_size").integer(*message.metadata_size);
    if (message.listen_port) writer.key("p").integer(*message.listen_port);
    if (message.request_queue) writer.key("reqq").integer(*message.request_queue);
    if (message.upload_only) writer.key("upload_only").integer(*message.upload_only ? 1 : 0);
    if (!message.client.empty()) writer.key("v").string(message.client);
    if (message.your_address) writer.key("yourip").string(octets_of(*message.your_address));
    append_extended(out, 0, as_bytes(writer.end().take()));
}

}  // namespace spate::wire
