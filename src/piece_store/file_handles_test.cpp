#include "piece_store/file_handles.h"

#include <gmock/gmock.h>

#include "piece_store/test_world.h"

namespace spate::piece_store {
namespace {

using metainfo::PieceIndex;
using metainfo::TorrentVersion;
constexpr std::uint32_t KiB = 1024;

std::shared_ptr<FileHandle> open_handle(bool writable = false) {
    auto handle = std::make_shared<FileHandle>();
    handle->writable = writable;
    return handle;
}

TEST(FileHandles, TheLongestUnusedIsClosedFirst) {
    FileHandles handles(2);
    const auto set = handles.new_set();
    const std::weak_ptr first = handles.put({set, 1}, open_handle());
    const std::weak_ptr second = handles.put({set, 2}, open_handle());
    EXPECT_TRUE(handles.find({set, 1}, false));
    handles.put({set, 3}, open_handle());
    EXPECT_EQ(handles.size(), 2U);
    EXPECT_FALSE(first.expired());
    EXPECT_TRUE(second.expired());
    EXPECT_FALSE(handles.find({set, 2}, false));
}

TEST(FileHandles, OneInUseStaysOpenUntilItIsLetGo) {
    FileHandles handles(1);
    const auto set = handles.new_set();
    auto used = handles.put({set, 1}, open_handle());
    const std::weak_ptr seen = used;
    handles.put({set, 2}, open_handle());
    EXPECT_FALSE(handles.find({set, 1}, false));
    EXPECT_FALSE(seen.expired());
    used.reset();
    EXPECT_TRUE(seen.expired());
}

TEST(FileHandles, WhatANetworkThreadHadLastIsClosedByTheNextJob) {
    FileHandles handles(1);
    const auto set = handles.new_set();
    auto used = handles.put({set, 1}, open_handle());
    const std::weak_ptr seen = used;
    handles.give_back({set, 1}, std::exchange(used, nullptr));
    EXPECT_FALSE(seen.expired()) << "it is kept open for others";
    used = handles.find({set, 1}, false);
    handles.put({set, 2}, open_handle());
    handles.give_back({set, 1}, std::move(used));
    EXPECT_FALSE(seen.expired());
    handles.drop({set, 7});
    EXPECT_TRUE(seen.expired());
}

TEST(FileHandles, OneThatCanWriteTakesThePlaceOfOneThatCannot) {
    FileHandles handles(4);
    const auto set = handles.new_set();
    const auto reads = handles.put({set, 1}, open_handle(false));
    EXPECT_FALSE(handles.find({set, 1}, true));
    const auto writes = handles.put({set, 1}, open_handle(true));
    EXPECT_NE(writes, reads);
    EXPECT_EQ(handles.put({set, 1}, open_handle(false)), writes);
    EXPECT_EQ(handles.find({set, 1}, false), writes);
}

TEST(FileHandles, ASetIsClosedAndAnotherStays) {
    FileHandles handles(4);
    const auto set = handles.new_set();
    const auto other = handles.new_set();
    handles.put({set, 0}, open_handle());
    handles.put({set, 7}, open_handle());
    handles.put({other, 0}, open_handle());
    handles.drop({set, 0});
    handles.drop_set(set);
    EXPECT_EQ(handles.size(), 1U);
    EXPECT_TRUE(handles.find({other, 0}, false));
}

TEST_F(StoreFixture, ManyFilesNeedFewDescriptorsAndOneSync) {
    resources = std::make_unique<Resources>(world, ResourceLimits{.open_files = 3});
    const auto torrent = make_torrent(TorrentVersion::v1, std::vector<std::uint64_t>(40, 20 * KiB), 64 * KiB);
    begin(torrent);
    get_all();
    EXPECT_LE(resources->files()->size(), 3U);
    std::map<std::string, int> calls;
    disk.fault = [&](const std::string& operation, const std::string&) {
        ++calls[operation];
        return 0;
    };
    const auto state = sync(PieceStore::Closing::yes);
    ASSERT_TRUE(state);
    EXPECT_EQ(calls["sync all"], 1);
    EXPECT_EQ(calls["sync"], 0);
    EXPECT_LE(resources->files()->size(), 3U);
    disk.fault = {};
    forget_store();
    Rng rng(7);
    disk.lose_power(rng);
    begin(torrent, {.state = *state});
    EXPECT_FALSE((*opened)->needs_check);
    EXPECT_TRUE(store->have().all());
    EXPECT_EQ(on_disk("T/a"), copy_of(torrent.file(0)));
}

TEST_F(StoreFixture, WhereNotAllCanBeSyncedAtOnceEachFileIs) {
    const auto torrent = make_torrent(TorrentVersion::v1, std::vector<std::uint64_t>(40, 20 * KiB), 64 * KiB);
    begin(torrent);
    get_all();
    int syncs = 0;
    disk.fault = [&](const std::string& operation, const std::string&) {
        syncs += operation == "sync" ? 1 : 0;
        return operation == "sync all" ? EIO : 0;
    };
    ASSERT_TRUE(sync(PieceStore::Closing::yes));
    EXPECT_EQ(syncs, 40);
}

TEST_F(StoreFixture, FilesAreClosedByAJob) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin(torrent);
    get_all();
    EXPECT_EQ(resources->files()->size(), 1U);
    store.reset();
    EXPECT_EQ(resources->files()->size(), 1U);
    while (pool.run_job()) {
    }
    EXPECT_EQ(resources->files()->size(), 0U);
}

TEST_F(StoreFixture, AJobThatOutlivesItsStoreClosesWhatItOpens) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin(torrent);
    get_all();
    store->read(PieceIndex(0), 0, 16 * KiB, [](const Result<BlockView>&) {});
    ASSERT_EQ(pool.waiting(), 1U);
    store.reset();
    ASSERT_EQ(pool.waiting(), 2U);
    reactor.post(pool.run_one(1));
    EXPECT_EQ(resources->files()->size(), 0U);
    pool.run_job();  // the read
    EXPECT_EQ(resources->files()->size(), 0U);
}

}  // namespace
}  // namespace spate::piece_store
