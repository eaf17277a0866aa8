// For this module's tests: a store on a disk, a clock and a pool that the test drives, and torrents made of
// random bytes, hashed one message at a time.
#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "hash/digest.h"
#include "hash/merkle.h"
#include "io/world.h"
#include "metainfo/torrent_reader.h"
#include "metainfo/torrent_writer.h"
#include "piece_store/piece_store.h"
#include "tests/fault_disk.h"
#include "tests/manual_world.h"

namespace spate::piece_store {

struct NoNetwork final : io::Network, io::Resolver, io::SecureRandom {
    std::unique_ptr<io::Pending> connect(const Endpoint&, io::ConnectCallback) override { return nullptr; }
    Result<std::unique_ptr<io::Listener>> listen(const Endpoint&, io::ListenerHandler&) override {
        return fail(Error::system(ENOTSUP, "listen", ""));
    }
    Result<std::unique_ptr<io::DatagramSocket>> open_datagram(const Endpoint&) override {
        return fail(Error::system(ENOTSUP, "open", ""));
    }
    std::unique_ptr<io::Pending> resolve(const std::string&, io::ResolveCallback) override { return nullptr; }
    void fill(MutableBytes) override {}
};

inline std::vector<std::uint8_t> random_bytes(std::size_t size, std::uint64_t seed) {
    Rng rng(seed);
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t at = 0; at < size; at += 8) {
        const auto octets = rng.next();
        std::memcpy(bytes.data() + at, &octets, std::min<std::size_t>(8, size - at));
    }
    return bytes;
}

// A torrent and its bytes, by address.
struct TestTorrent {
    std::shared_ptr<metainfo::Metainfo> metainfo;
    std::vector<std::uint8_t> space;  // of the address space, pads and gaps zero

    const metainfo::FileLayout& layout() const { return metainfo->info.layout; }
    std::uint32_t pieces() const { return layout().piece_count(); }
    Bytes piece(std::uint32_t index) const {
        const metainfo::PieceIndex piece(index);
        return Bytes(space).subspan(static_cast<std::size_t>(layout().piece_offset(piece)),
                                    layout().piece_size(piece));
    }
    Bytes file(std::uint32_t index) const {
        const auto& file = layout().file(metainfo::FileIndex(index));
        return Bytes(space).subspan(static_cast<std::size_t>(file.offset),
                                    static_cast<std::size_t>(file.size));
    }
};

inline metainfo::TorrentHashes hash_torrent(metainfo::TorrentVersion version, const TestTorrent& torrent,
                                            const metainfo::FileLayout& layout) {
    metainfo::TorrentHashes hashes;
    const Bytes space(torrent.space);
    if (version != metainfo::TorrentVersion::v2)
        for (metainfo::PieceIndex piece; piece.value < layout.piece_count(); ++piece)
            hashes.v1_pieces.push_back(hash::sha1(space.subspan(
                static_cast<std::size_t>(layout.piece_offset(piece)), layout.piece_size(piece))));
    if (version == metainfo::TorrentVersion::v1) return hashes;
    for (const auto& file : layout.files()) {
        if (file.attributes.pad) continue;
        hash::MerkleBuilder builder(metainfo::piece_layer_height(layout.piece_length()));
        std::vector<hash::Sha256> leaves;
        for (std::uint64_t at = 0; at < file.size; at += metainfo::block_size) {
            const auto size = std::min<std::uint64_t>(metainfo::block_size, file.size - at);
            leaves.push_back(hash::sha256(
                space.subspan(static_cast<std::size_t>(file.offset + at), static_cast<std::size_t>(size))));
        }
        builder.add(leaves);
        auto tree = builder.finish();
        hashes.v2_files.push_back({tree.root, std::move(tree.piece_layer)});
    }
    return hashes;
}

// Files "a", "b" ... of those sizes in a folder "T"; one size: a single file "T".
inline TestTorrent make_torrent(metainfo::TorrentVersion version, const std::vector<std::uint64_t>& sizes,
                                std::uint64_t piece_length, std::uint64_t seed = 1) {
    metainfo::NewTorrent plan;
    plan.version = version;
    plan.name = "T";
    plan.single_file = sizes.size() == 1;
    plan.piece_length = piece_length;
    for (std::size_t i = 0; i < sizes.size(); ++i)
        plan.files.push_back(
            {{plan.single_file ? "T" : std::string(1, static_cast<char>('a' + i))}, sizes[i]});
    const auto layout = metainfo::plan_layout(plan).value();
    TestTorrent torrent;
    torrent.space.resize(static_cast<std::size_t>(layout.end()));
    for (const auto& file : layout.files()) {
        if (file.attributes.pad) continue;
        const auto bytes = random_bytes(static_cast<std::size_t>(file.size), seed++);
        std::ranges::copy(bytes, torrent.space.begin() + static_cast<std::ptrdiff_t>(file.offset));
    }
    const auto written = metainfo::write_torrent(plan, layout, hash_torrent(version, torrent, layout));
    torrent.metainfo =
        std::make_shared<metainfo::Metainfo>(metainfo::read_torrent(as_bytes(written.torrent)).value());
    return torrent;
}

struct NotedEvents final : StoreEvents {
    void on_verdicts(std::span<const PieceVerdict> batch) override {
        ++batches;
        for (const auto& verdict : batch) verdicts[verdict.piece.value] = verdict;
    }
    void on_lost(std::span<const metainfo::PieceIndex> pieces, const Error& why) override {
        for (const auto piece : pieces) lost.push_back(piece.value);
        reason = why.message();
    }
    bool good(std::uint32_t piece) const {
        const auto found = verdicts.find(piece);
        return found != verdicts.end() && found->second.outcome == PieceVerdict::Outcome::good;
    }
    std::map<std::uint32_t, PieceVerdict> verdicts;  // the last of each piece
    std::size_t batches = 0;
    std::vector<std::uint32_t> lost;
    std::string reason;
};

// The store, driven to rest after each call.
class StoreFixture : public ::testing::Test {
  protected:
    static constexpr const char* folder = "/data";

    void begin(const TestTorrent& torrent, StoreOptions options = {}) {
        torrent_ = &torrent;
        store.reset();
        settle();
        options.metainfo = torrent.metainfo;
        options.folder = folder;
        store = std::make_unique<PieceStore>(world, *resources, events, std::move(options));
        opened.reset();
        store->open([this](Result<Opened> result) { opened = std::move(result); });
        settle();
    }
    // As after kill -9: nothing is told, nothing finished.
    void forget_store() {
        store.reset();
        settle();
    }
    void settle() {
        for (int i = 0; i < 3; ++i) {
            pool.settle();
            reactor.advance(queue_wait);
        }
        pool.settle();
    }
    void put_block(std::uint32_t piece, std::uint32_t offset, Bytes bytes, Source source = Source(1)) {
        store->write(source, metainfo::PieceIndex(piece), offset, bytes);
    }
    void put_piece(std::uint32_t piece, Bytes bytes, Source source = Source(1)) {
        for (std::size_t at = 0; at < bytes.size(); at += metainfo::block_size)
            put_block(piece, static_cast<std::uint32_t>(at),
                      bytes.subspan(at, std::min<std::size_t>(metainfo::block_size, bytes.size() - at)),
                      source);
    }
    void get_piece(std::uint32_t piece) {
        put_piece(piece, torrent_->piece(piece));
        store->verify(metainfo::PieceIndex(piece));
        settle();
    }
    void get_all() {
        for (std::uint32_t piece = 0; piece < torrent_->pieces(); ++piece)
            if (!store->have().has(metainfo::PieceIndex(piece))) get_piece(piece);
    }
    bool check() {
        std::optional<Result<void>> done;
        store->check([&](Result<void> result) { done = std::move(result); });
        settle();
        return done && *done;
    }
    Result<StoredState> sync(PieceStore::Closing closing = PieceStore::Closing::no) {
        std::optional<Result<StoredState>> state;
        store->sync(closing, [&](Result<StoredState> result) { state = std::move(result); });
        settle();
        return std::move(state).value();
    }
    Result<std::vector<std::uint8_t>> read(std::uint32_t piece, std::uint32_t offset, std::uint32_t length) {
        std::optional<Result<BlockView>> view;
        store->read(metainfo::PieceIndex(piece), offset, length,
                    [&](Result<BlockView> result) { view = std::move(result); });
        settle();
        if (!*view) return fail(view->error());
        const auto bytes = (*view)->bytes();
        EXPECT_TRUE((*view)->intact());
        return std::vector(bytes.begin(), bytes.end());
    }
    std::vector<std::uint32_t> have() const {
        std::vector<std::uint32_t> all;
        for (auto piece = store->have().next_set({}); piece; piece = store->have().next_set(piece->next()))
            all.push_back(piece->value);
        return all;
    }
    std::vector<std::uint8_t> on_disk(const std::string& path) { return disk.content("/data/" + path); }

    static constexpr Duration queue_wait = std::chrono::milliseconds(11);
    spate::testing::FaultDisk disk;
    spate::testing::ManualReactor reactor;
    spate::testing::ManualPool pool{reactor};
    NoNetwork none;
    io::World world{reactor, none, none, disk, pool, none};
    std::unique_ptr<Resources> resources = std::make_unique<Resources>(world);
    NotedEvents events;
    std::unique_ptr<PieceStore> store;
    std::optional<Result<Opened>> opened;
    const TestTorrent* torrent_ = nullptr;
};

inline std::vector<std::uint8_t> copy_of(Bytes bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace spate::piece_store
