// Many stores that sync on a slow disk leave the pool to hashing and reads.
#include <gtest/gtest.h>

#include "piece_store/piece_store.h"
#include "piece_store/test_world.h"
#include "sim/test_programs.h"

namespace spate::sim {
namespace {

using metainfo::PieceIndex;
using piece_store::PieceStore;

TEST(SlowSyncs, LeaveThePoolToHashingAndReads) {
    constexpr int count = 20;
    constexpr std::uint32_t piece_size = 64 << 10;
    Testbed testbed(1);
    auto& simulation = testbed.simulation();
    const piece_store::ResourceLimits limits;
    HostSettings machine = plain_host();
    machine.pool.threads = limits.jobs + limits.read_jobs + limits.sync_jobs + limits.late_syncs;
    Host& host = testbed.add_host("host", machine);
    io::World& world = host.run("stores", idle_program()).world();
    piece_store::Resources resources(world);
    piece_store::NotedEvents events;
    const auto torrent =
        piece_store::make_torrent(metainfo::TorrentVersion::v1, {2 * piece_size}, piece_size);
    const auto bring = [&](PieceStore& store, std::uint32_t piece) {
        for (std::uint32_t at = 0; at < piece_size; at += metainfo::block_size)
            store.write(piece_store::Source(1), PieceIndex(piece), at,
                        torrent.piece(piece).subspan(at, metainfo::block_size));
        store.verify(PieceIndex(piece));
        return simulation.run_until([&] { return store.have().has(PieceIndex(piece)); },
                                    std::chrono::seconds(1));
    };
    std::vector<std::unique_ptr<PieceStore>> stores;
    for (int i = 0; i < count; ++i) {
        stores.push_back(std::make_unique<PieceStore>(
            world, resources, events,
            piece_store::StoreOptions{.metainfo = torrent.metainfo, .folder = "/data/" + std::to_string(i)}));
        bool opened = false;
        stores.back()->open([&](const Result<piece_store::Opened>& result) { opened = result.has_value(); });
        ASSERT_TRUE(simulation.run_until([&] { return opened; }, std::chrono::seconds(1)));
        ASSERT_TRUE(bring(*stores.back(), 0));
    }

    host.disk().latency().sync_max = std::chrono::seconds(10);
    int synced = 0;
    for (auto& store : stores)
        store->sync(PieceStore::Closing::no,
                    [&](const Result<piece_store::StoredState>& state) { synced += state.has_value(); });
    EXPECT_TRUE(bring(*stores.back(), 1));
    bool read = false;
    stores.back()->read(PieceIndex(0), 0, piece_size,
                        [&](const Result<piece_store::BlockView>& view) { read = view.has_value(); });
    EXPECT_TRUE(simulation.run_until([&] { return read; }, std::chrono::seconds(1)));
    EXPECT_LT(synced, count);
    EXPECT_TRUE(simulation.run_until([&] { return synced == count; }, std::chrono::minutes(10)));
}

}  // namespace
}  // namespace spate::sim
