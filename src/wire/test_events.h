// For tests and fuzz targets: a stream as the lines of its events, so that two ways of feeding it can be
// compared. The parts of a block are put together; its line has their hash.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/assert.h"
#include "base/hex.h"
#include "hash/digest.h"
#include "wire/peer_wire.h"

namespace spate::wire {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};

inline std::string text_of(const BlockRequest& block) {
    return std::to_string(block.piece.value) + "+" + std::to_string(block.offset) + ":" +
           std::to_string(block.length);
}
inline std::string text_of(const HashRequest& r) {
    return to_hex(Bytes(r.root).first(2)) + " " + std::to_string(r.base_layer) + " " +
           std::to_string(r.index) + " " + std::to_string(r.length) + " " + std::to_string(r.proof_layers);
}
inline std::string text_of(Bytes bytes) {
    return std::to_string(bytes.size()) + "#" + to_hex(Bytes(hash::md5(bytes)).first(4));
}
template <class T>
std::string text_of(const std::optional<T>& value) {
    return value ? std::to_string(*value) : "-";
}

// Not for BlockBytes.
inline std::string text_of(const Event& event) {
    const auto piece = [](const char* what, PieceIndex index) {
        return std::string(what) + " " + std::to_string(index.value);
    };
    return std::visit(
        Overloaded{
            [](const BlockBytes&) { return std::string(); },
            [&](const Have& m) { return piece("have", m.piece); },
            [](const Request& m) { return "request " + text_of(m.block); },
            [](const Cancel& m) { return "cancel " + text_of(m.block); },
            [](const Reject& m) { return "reject " + text_of(m.block); },
            [](const Choke&) { return std::string("choke"); },
            [](const Unchoke&) { return std::string("unchoke"); },
            [](const Interested&) { return std::string("interested"); },
            [](const NotInterested&) { return std::string("not interested"); },
            [](const BitfieldMessage& m) { return "bitfield " + text_of(m.bytes); },
            [](const HaveAll&) { return std::string("have all"); },
            [](const HaveNone&) { return std::string("have none"); },
            [&](const SuggestPiece& m) { return piece("suggest", m.piece); },
            [&](const AllowedFast& m) { return piece("allowed fast", m.piece); },
            [](const Port& m) { return "port " + std::to_string(m.port); },
            [](const HashRequest& m) { return "hash request " + text_of(m); },
            [](const Hashes& m) { return "hashes " + text_of(m.request) + " " + text_of(m.hashes); },
            [](const HashReject& m) { return "hash reject " + text_of(m.request); },
            [](const ExtensionHandshake& m) {
                return "extensions " + std::string(m.client) + " p" + text_of(m.listen_port) + " q" +
                       text_of(m.request_queue) + " m" + text_of(m.metadata_size) + " " +
                       (m.your_address ? m.your_address->text() : "-") +
                       (m.ipv4 ? " 4" + m.ipv4->text() : "") + (m.ipv6 ? " 6" + m.ipv6->text() : "") + " u" +
                       text_of(m.upload_only) + (m.prefers_encryption ? " e" : "");
            },
            [](const MetadataRequest& m) { return "metadata request " + std::to_string(m.block); },
            [](const MetadataData& m) {
                return "metadata " + std::to_string(m.block) + " of " + std::to_string(m.total_size) + " " +
                       text_of(m.bytes);
            },
            [](const MetadataReject& m) { return "metadata reject " + std::to_string(m.block); },
            [](const Pex& m) {
                std::string text = "pex";
                for (const PexContact& c : m.added)
                    text += " +" + c.endpoint.text() + "/" + std::to_string(c.flags);
                for (const Endpoint& e : m.dropped) text += " -" + e.text();
                return text;
            },
            [&](const DontHave& m) { return piece("dont have", m.piece); },
            [](const UploadOnly& m) { return std::string(m.value ? "upload only" : "not upload only"); },
        },
        event);
}

// Takes the events of any number of feeds; checks that a block's parts fit.
class EventLines {
  public:
    void take(const std::vector<Event>& events) {
        for (const Event& event : events) {
            if (const auto* part = std::get_if<BlockBytes>(&event)) {
                take(*part);
            } else {
                SPATE_ASSERT(at_ == 0);
                lines.push_back(text_of(event));
            }
        }
    }
    std::vector<std::string> lines;

  private:
    void take(const BlockBytes& part) {
        SPATE_ASSERT(part.at == at_ && !part.bytes.empty());
        if (part.first()) block_ = part.block;
        SPATE_ASSERT(block_ == part.block && part.at + part.bytes.size() <= block_.length);
        hasher_.update(part.bytes);
        at_ = part.complete() ? 0 : at_ + static_cast<std::uint32_t>(part.bytes.size());
        if (part.complete())
            lines.push_back("block " + text_of(block_) + "#" + to_hex(Bytes(hasher_.finish()).first(4)));
    }
    BlockRequest block_;
    std::uint32_t at_ = 0;
    hash::Md5Hasher hasher_;
};

// The whole stream in parts of next_size() bytes; the error, if any, is the last line.
template <class NextSize>
std::vector<std::string> read_stream(const WireOptions& options, Bytes stream, NextSize next_size) {
    PeerWire wire(options);
    EventLines lines;
    while (!stream.empty()) {
        // A copy of its own size, so that a sanitizer sees a look beyond it, or into it after the next feed.
        const Bytes part = stream.first(std::min<std::size_t>(stream.size(), next_size()));
        const std::vector<std::uint8_t> buffer(part.begin(), part.end());
        std::vector<Event> events;
        const auto fed = wire.feed(buffer, events);
        lines.take(events);
        if (!fed) {
            lines.lines.push_back("error: " + fed.error().text());
            break;
        }
        stream = stream.subspan(part.size());
    }
    return lines.lines;
}

}  // namespace spate::wire
