// For this module's tests: a store on a disk, a clock and a pool that the test drives.
#pragma once

#include <deque>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "io/world.h"
#include "piece_store/hash_queue.h"
#include "piece_store/piece_store.h"
#include "piece_store/test_torrent.h"
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

struct NotedEvents final : StoreEvents {
    void on_verdicts(std::span<const PieceVerdict> batch) override {
        ++batches;
        for (const auto& verdict : batch) verdicts[verdict.piece.value] = verdict;
    }
    void on_lost(std::span<const metainfo::PieceIndex> pieces, const Error& why) override {
        for (const auto piece : pieces) lost.push_back(piece.value);
        reason = why.message();
    }
    void on_found(std::span<const metainfo::PieceIndex> pieces) override {
        for (const auto piece : pieces) checked.push_back(piece.value);
    }
    void on_disk_trouble(const Error& error) override {
        ++troubles;
        trouble = error;
    }
    void on_disk_well() override { trouble.reset(); }
    bool good(std::uint32_t piece) const {
        const auto found = verdicts.find(piece);
        return found != verdicts.end() && found->second.outcome == PieceVerdict::Outcome::good;
    }
    std::map<std::uint32_t, PieceVerdict> verdicts;  // the last of each piece
    std::size_t batches = 0;
    std::vector<std::uint32_t> lost;
    std::vector<std::uint32_t> checked;  // and right
    std::optional<Error> trouble;        // now
    std::size_t troubles = 0;
    std::string reason;
};

// The store, driven to rest after each call.
class StoreFixture : public ::testing::Test {
  protected:
    static constexpr const char* folder = "/data";

    void begin(const TestTorrent& torrent, StoreOptions options = {}) {
        begin_unopened(torrent, std::move(options));
        open();
    }
    void begin_unopened(const TestTorrent& torrent, StoreOptions options) {
        torrent_ = &torrent;
        store.reset();
        settle();
        options.metainfo = torrent.metainfo;
        options.folder = folder;
        store = std::make_unique<PieceStore>(world, *resources, events, std::move(options));
        opened.reset();
    }
    void open() {
        store->open([this](Result<Opened> result) { opened = std::move(result); });
        settle();
    }
    // All is there and saved; then the file T/a vanishes, and the store is opened with that state.
    void begin_without_first_file(const TestTorrent& torrent) {
        begin(torrent);
        get_all();
        const auto state = sync(PieceStore::Closing::yes).value();
        forget_store();
        ASSERT_TRUE(disk.open_folder(folder, io::IfMissing::fail).value()->remove("T/a"));
        begin(torrent, {.state = state});
    }
    // As after kill -9: nothing is told, nothing finished.
    void forget_store() {
        store.reset();
        settle();
    }
    void settle() {
        pool.settle();
        reactor.advance(HashQueue::wait_max);
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
        submit_piece(piece);
        settle();
    }
    // As a job of its own, which waits.
    void submit_piece(std::uint32_t piece) {
        put_piece(piece, torrent_->piece(piece));
        store->verify(metainfo::PieceIndex(piece));
        store->hurry();
    }
    void take_away(const std::string& path) {
        ASSERT_TRUE(disk.open_folder(folder, io::IfMissing::fail).value()->remove(path));
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
        return std::vector(bytes.begin(), bytes.end());
    }
    std::vector<std::uint32_t> have() const {
        std::vector<std::uint32_t> all;
        for (auto piece = store->have().next_set({}); piece; piece = store->have().next_set(piece->next()))
            all.push_back(piece->value);
        return all;
    }
    std::vector<std::uint8_t> on_disk(const std::string& path) { return disk.content("/data/" + path); }

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
