// ut_metadata messages (BEP 9), read and written.
#include "bencode/writer.h"
#include "wire/extension_table.h"
#include "wire/limits.h"
#include "wire/write.h"

namespace spate::wire {
namespace {

enum : std::int64_t { request = 0, data = 1, reject = 2 };

constexpr std::int64_t block_count_max = metadata_bytes_max / metadata_block_size;

std::optional<std::int64_t> number(bencode::Value dictionary, std::string_view key) {
    const auto value = dictionary.find(key);
    return value ? value->integer() : std::nullopt;
}

std::string head(std::int64_t type, std::uint32_t block, std::optional<std::uint32_t> total_size = {}) {
    bencode::Writer writer;
    writer.begin_dictionary().key("msg_type").integer(type).key("piece").integer(block);
    if (total_size) writer.key("total_size").integer(*total_size);
    return writer.end().take();
}

CloseReason read_data(std::uint32_t block, std::optional<std::int64_t> total_size, Bytes bytes,
                      std::vector<Event>& out) {
    const bool fits = total_size && *total_size >= 1 && *total_size <= metadata_bytes_max && !bytes.empty() &&
                      bytes.size() <= metadata_block_size;
    if (!fits) return CloseReason::bad_extension_message;
    out.emplace_back(MetadataData{block, static_cast<std::uint32_t>(*total_size), bytes});
    return CloseReason::none;
}

}  // namespace

CloseReason read_metadata_message(Bytes payload, const ReadContext&, std::vector<Event>& out) {
    const auto document = bencode::Document::parse(payload, extension_bencode_limits);
    if (!document) return CloseReason::bad_extension_message;
    const auto type = number(document->root(), "msg_type");
    const auto piece = number(document->root(), "piece");
    if (!type || !piece || *piece < 0 || *piece > UINT32_MAX) return CloseReason::bad_extension_message;
    const auto block = static_cast<std::uint32_t>(*piece);
    if (*type == request) {
        out.emplace_back(MetadataRequest{block});
    } else if (*type == reject) {
        out.emplace_back(MetadataReject{block});
    } else if (*type == data) {
        if (*piece >= block_count_max) return CloseReason::bad_extension_message;
        return read_data(block, number(document->root(), "total_size"), payload.subspan(document->size()),
                         out);
    }
    return CloseReason::none;  // other types are for the future
}

void append(Buffer& out, const ExtensionIds& peer, const MetadataRequest& message) {
    append_extended(out, peer, Extension::metadata, as_bytes(head(request, message.block)));
}

void append(Buffer& out, const ExtensionIds& peer, const MetadataReject& message) {
    append_extended(out, peer, Extension::metadata, as_bytes(head(reject, message.block)));
}

void append(Buffer& out, const ExtensionIds& peer, const MetadataData& message) {
    append_extended(out, peer, Extension::metadata, as_bytes(head(data, message.block, message.total_size)),
                    message.bytes);
}

}  // namespace spate::wire
