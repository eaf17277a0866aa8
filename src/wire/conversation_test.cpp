// Two ends of the protocol talk to each other, nothing between them but octets in random parts: from the
// handshake through a magnet link's metadata, the v2 piece layers and every block to the whole content.
#include <algorithm>
#include <deque>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "metainfo/torrent_reader.h"
#include "metainfo/torrent_writer.h"
#include "wire/early_have.h"
#include "wire/handshake.h"
#include "wire/hash_exchange.h"
#include "wire/metadata_assembly.h"
#include "wire/metadata_queue.h"
#include "wire/peer_wire.h"
#include "wire/piece_layer_fetch.h"
#include "wire/write.h"

namespace spate::wire {
namespace {

constexpr std::uint64_t piece_length = 32 << 10;

// A v2 torrent of one file; many pieces, so that its info dictionary is small and its layer is not.
struct Shared {
    explicit Shared(std::size_t size) : data(size) {
        Rng rng(size);
        for (std::uint8_t& octet : data) octet = static_cast<std::uint8_t>(rng.below(256));
        hash::MerkleBuilder builder(metainfo::piece_layer_height(piece_length));
        for (std::size_t at = 0; at < size; at += hash::kLeafSize)
            builder.add(
                std::vector{hash::sha256(Bytes(data).subspan(at, std::min(size - at, hash::kLeafSize)))});
        auto tree = builder.finish();
        metainfo::NewTorrent plan;
        plan.version = metainfo::TorrentVersion::v2;
        plan.name = "content";
        plan.single_file = true;
        plan.files.push_back({.path = {"content"}, .size = size});
        plan.piece_length = piece_length;
        const auto layout = *metainfo::plan_layout(plan);
        metainfo::TorrentHashes hashes;
        hashes.v2_files.push_back({tree.root, std::move(tree.piece_layer)});
        const auto written = metainfo::write_torrent(plan, layout, hashes);
        torrent = *metainfo::read_torrent(as_bytes(written.torrent));
    }
    std::vector<std::uint8_t> data;
    metainfo::Metainfo torrent;
};

// One end: handshakes, then whatever the side makes of the events.
class End {
  public:
    virtual ~End() = default;
    explicit End(const Handshake& ours) {
        const auto octets = to_bytes(ours);
        out.assign(octets.begin(), octets.end());
    }
    void feed(Bytes bytes) {
        bytes = bytes.subspan(handshake_.feed(bytes));
        if (handshake_.state() != HandshakeReader::State::complete) return;
        if (!wire_) {
            const Reserved theirs = handshake_.handshake().reserved;
            wire_.emplace(WireOptions{.fast = theirs.fast(),
                                      .extended = theirs.extended(),
                                      .piece_count = pieces(),
                                      .offered = {}});
            greet();
        }
        std::vector<Event> events;
        ASSERT_TRUE(wire_->feed(bytes, events));
        for (const Event& event : events) std::visit([&](const auto& message) { visit(message); }, event);
    }
    Buffer out;

  protected:
    virtual std::uint32_t pieces() const = 0;
    virtual void greet() = 0;
    virtual void take(const Event& event) = 0;
    PeerWire& wire() { return *wire_; }
    template <class Message>
    void send(const Message& message) {
        if constexpr (requires { append(out, wire_->peer_extensions(), message); })
            append(out, wire_->peer_extensions(), message);
        else
            append(out, message);
    }

  private:
    template <class Message>
    void visit(const Message& message) {
        take(Event(message));
    }
    HandshakeReader handshake_;
    std::optional<PeerWire> wire_;
};

class Seed final : public End {
  public:
    Seed(const Shared& shared, const Handshake& ours)
        : End(ours),
          shared_(shared),
          tree_(hash_tree(shared.torrent.info.layout, {}),
                shared.torrent.piece_layers.find(shared.torrent.info.layout.file({}).pieces_root)) {}

  private:
    std::uint32_t pieces() const override { return shared_.torrent.info.layout.piece_count(); }
    void greet() override {
        append(out, HaveAll{});
        ExtensionHandshake hello;
        hello.metadata_size = static_cast<std::uint32_t>(shared_.torrent.info.raw.size());
        append(out, hello, {});
        append(out, Unchoke{});
    }
    void take(const Event& event) override {
        if (const auto* wanted = std::get_if<MetadataRequest>(&event)) {
            ASSERT_TRUE(queue_.push(*wanted));
            const auto answer = queue_.next(shared_.torrent.info.raw);
            std::visit([&](const auto& message) { send(message); }, *answer);
        } else if (const auto* hashes = std::get_if<HashRequest>(&event)) {
            ASSERT_TRUE(is_valid_hash_request(*hashes, tree_.tree()));
            const auto answer = tree_.answer(*hashes);
            send(Hashes{*hashes, octets(answer)});
        } else if (const auto* request = std::get_if<Request>(&event)) {
            const BlockRequest& block = request->block;
            ASSERT_TRUE(is_valid_request(block, shared_.torrent.info.layout));
            const auto header = piece_header(block);
            out.insert(out.end(), header.begin(), header.end());
            const std::size_t at = block.piece.value * piece_length + block.offset;
            const Bytes data = Bytes(shared_.data).subspan(at, block.length);
            out.insert(out.end(), data.begin(), data.end());
        }
    }
    const Shared& shared_;
    PieceTree tree_;
    MetadataQueue queue_;
};

class Leecher final : public End {
  public:
    Leecher(const metainfo::InfoHash& magnet, const Handshake& ours) : End(ours), metadata_(magnet) {}

    std::vector<std::uint8_t> data;
    metainfo::Metainfo torrent;
    std::size_t missing = SIZE_MAX;  // bytes

  private:
    std::uint32_t pieces() const override { return 0; }
    void greet() override {
        append(out, HaveNone{});
        append(out, ExtensionHandshake{}, {});
        append(out, Interested{});
    }
    void take(const Event& event) override {
        if (const auto* all = std::get_if<HaveAll>(&event)) have_.take(*all);
        if (const auto* hello = std::get_if<ExtensionHandshake>(&event)) {
            ASSERT_TRUE(metadata_.add_source(source_, *hello->metadata_size));
            ask_metadata();
        }
        if (const auto* info = std::get_if<MetadataData>(&event)) {
            const auto outcome = metadata_.on_data(source_, *info, now_);
            ASSERT_NE(outcome, MetadataAssembly::Outcome::unasked);
            outcome == MetadataAssembly::Outcome::whole ? take_info() : ask_metadata();
        }
        if (const auto* hashes = std::get_if<Hashes>(&event)) {
            ASSERT_EQ(layers_->on_hashes(source_, *hashes), CloseReason::none);
            layers_->complete() ? take_layers() : ask_hashes();
        }
        if (const auto* part = std::get_if<BlockBytes>(&event)) {
            const std::size_t at = part->block.piece.value * piece_length + part->block.offset + part->at;
            std::ranges::copy(part->bytes, data.begin() + static_cast<std::ptrdiff_t>(at));
            missing -= part->bytes.size();
        }
    }
    void ask_metadata() {
        while (const auto request = metadata_.next_request(source_, now_)) send(*request);
    }
    void take_info() {
        torrent.info = *metainfo::read_info(metadata_.take());
        wire().set_piece_count(torrent.info.layout.piece_count());
        EXPECT_TRUE(have_.resolve(torrent.info.layout.piece_count())->all());
        layers_.emplace(torrent);
        layers_->complete() ? ask_blocks() : ask_hashes();
    }
    void ask_hashes() {
        while (const auto request = layers_->next_request(source_, now_)) send(*request);
    }
    void take_layers() {
        for (const auto& layer : layers_->take_ready())
            ASSERT_TRUE(
                torrent.piece_layers.add(layer.root, layer.file_size, piece_length, octets(layer.hashes)));
        ask_blocks();
    }
    void ask_blocks() {
        const auto& layout = torrent.info.layout;
        missing = layout.total_size();
        data.resize(missing);
        for (PieceIndex piece; piece.value < layout.piece_count(); ++piece)
            for (metainfo::BlockIndex i; i.value < metainfo::block_count(layout.piece_size(piece)); ++i)
                send(Request{
                    {piece, metainfo::block_offset(i), metainfo::block_length(layout.piece_size(piece), i)}});
    }

    SourceKey source_;
    TimePoint now_{};
    EarlyHave have_;
    MetadataAssembly metadata_;
    std::optional<PieceLayerFetch> layers_;
};

// Moves octets either way in random parts until none are left.
void talk(End& one, End& other, Rng& rng, std::size_t part_max) {
    std::deque<std::uint8_t> to_one, to_other;
    const auto step = [&](End& from, std::deque<std::uint8_t>& way, End& to) {
        way.insert(way.end(), from.out.begin(), from.out.end());
        from.out.clear();
        const std::size_t size = std::min<std::size_t>(way.size(), rng.below(part_max + 1));
        const std::vector<std::uint8_t> part(way.begin(), way.begin() + static_cast<std::ptrdiff_t>(size));
        way.erase(way.begin(), way.begin() + static_cast<std::ptrdiff_t>(size));
        if (!part.empty()) to.feed(part);
    };
    while (!one.out.empty() || !other.out.empty() || !to_one.empty() || !to_other.empty()) {
        step(one, to_other, other);
        step(other, to_one, one);
    }
}

TEST(Conversation, FromMagnetToContent) {
    for (const std::size_t size : {std::size_t{1000}, std::size_t{100'000},
                                   std::size_t{40 * piece_length - 5}, std::size_t{600 * piece_length}}) {
        const Shared shared(size);
        const auto swarm = metainfo::truncated(*shared.torrent.info.hash.v2);
        for (const std::size_t part_max : {20U, 5000U, 300'000U}) {
            if (size / part_max > 2000) continue;  // takes long and shows nothing new
            Rng rng(size + part_max);
            Seed seed(shared, {our_reserved(false), swarm, make_peer_id(rng)});
            Leecher leecher(shared.torrent.info.hash, {our_reserved(false), swarm, make_peer_id(rng)});
            talk(seed, leecher, rng, part_max);
            ASSERT_FALSE(testing::Test::HasFatalFailure());
            EXPECT_EQ(leecher.missing, 0U);
            EXPECT_TRUE(leecher.torrent.has_all_piece_layers());
            EXPECT_EQ(leecher.data, shared.data);
        }
    }
}

}  // namespace
}  // namespace spate::wire
