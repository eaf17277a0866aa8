// Torrents whose disk misbehaves, and peers that come while the files are still looked at.
#include <atomic>
#include <thread>

#include "tests/engine/swarm_fixture.h"
#include "tests/hooked_files.h"

namespace spate::engine {
namespace {

using testing::HookedFiles;

// A disk that is not there yet.
class LateFiles final : public io::Files {
  public:
    explicit LateFiles(io::Files& real) : real_(real) {}
    Result<std::unique_ptr<io::Folder>> open_folder(const std::string& path,
                                                    io::IfMissing if_missing) override {
        if (error != 0) return fail(Error::system(error, "open folder", path));
        return real_.open_folder(path, if_missing);
    }
    std::atomic<int> error = 0;

  private:
    io::Files& real_;
};

class DiskTest : public SwarmTest {
  protected:
    using Call = HookedFiles::Call;
    std::atomic<int> write_error_ = 0;
    std::atomic<int> state_error_ = 0;
    std::atomic<bool> reads_wait_ = false;
    HookedFiles files_{loop_.world().files, [this](Call call, const std::string& path, std::size_t) {
                           if (call == Call::write && path.ends_with("file.bin")) return write_error_.load();
                           if (call == Call::write && path.find("torrents.db") != path.npos)
                               return state_error_.load();
                           if (call == Call::read)
                               while (reads_wait_) std::this_thread::yield();
                           return 0;
                       }};
};

TEST_F(DiskTest, AFullDiskIsWaitedForAndNothingIsLost) {
    const SampleTorrent torrent = sample(3 << 20, 256 << 10);
    Node& seed = node("seed");
    seed.put(torrent);
    seed.add({.what = torrent.metainfo, .on_disk = OnDisk::just_hashed});
    write_error_ = ENOSPC;
    Node& leecher = node("leecher", {}, &files_);
    leecher.add({.what = torrent.metainfo, .peers = {seed.address()}});
    ASSERT_TRUE(run_until([&] { return leecher.status().state == TorrentState::waiting; }));
    const TorrentStatus waiting = leecher.status();
    ASSERT_TRUE(waiting.error);
    EXPECT_TRUE(waiting.error->is(std::errc::no_space_on_device));
    EXPECT_NE(waiting.error->message().find("file.bin"), std::string::npos) << waiting.error->message();
    EXPECT_NE(waiting.error->message().find("free some space"), std::string::npos);
    EXPECT_EQ(waiting.bytes_have, 0u);
    EXPECT_GT(waiting.peers, 0u);
    write_error_ = 0;
    ASSERT_TRUE(run_until([&] { return leecher.finished(); }));
    EXPECT_TRUE(leecher.has(torrent));
    EXPECT_EQ(leecher.status().wasted, 0u);
    EXPECT_FALSE(leecher.status().error);
}

// Files are made late: that they must not be is seen with the first write.
TEST_F(DiskTest, AFolderThatTakesNothingIsTheEnd) {
    const SampleTorrent torrent = sample(1 << 20, 64 << 10);
    Node& seed = node("seed");
    seed.put(torrent);
    seed.add({.what = torrent.metainfo, .on_disk = OnDisk::just_hashed});
    write_error_ = EACCES;
    Node& leecher = node("leecher", {}, &files_);
    leecher.add({.what = torrent.metainfo, .peers = {seed.address()}});
    ASSERT_TRUE(run_until([&] { return leecher.status().state == TorrentState::failed; }));
    EXPECT_EQ(leecher.status().bytes_have, 0u);
}

TEST_F(DiskTest, AFullStateFolderKeepsNoDownloadFromAGoodDisk) {
    const SampleTorrent first = sample(1 << 20, 64 << 10);
    const SampleTorrent second =
        SampleTorrent::make("other.bin", {{"", 1 << 20}}, 64 << 10, metainfo::TorrentVersion::v1, rng_);
    Node& seed = node("seed");
    SessionOptions options;
    options.state_folder = (folder_ / "state").string();
    Node& leecher = node("leecher", options, &files_);
    for (const SampleTorrent* torrent : {&first, &second}) {
        seed.put(*torrent);
        seed.add({.what = torrent->metainfo, .on_disk = OnDisk::just_hashed});
        leecher.add({.what = torrent->metainfo, .peers = {seed.address()}});
        ASSERT_TRUE(run_until([&] { return leecher.status().state == TorrentState::seeding; }));
        EXPECT_TRUE(leecher.has(*torrent));
        EXPECT_EQ(leecher.complaints().empty(), torrent == &first);
        state_error_ = ENOSPC;
    }
    EXPECT_NE(leecher.complaints().front().find("resume state cannot be kept"), std::string::npos);
}

TEST_F(DiskTest, WhatCouldNotBeOpenedAtFirstIsFetchedAllTheSame) {
    const SampleTorrent torrent = sample(1 << 20, 64 << 10);
    Node& seed = node("seed");
    seed.put(torrent);
    seed.add({.what = torrent.metainfo, .on_disk = OnDisk::just_hashed});
    LateFiles files(loop_.world().files);
    files.error = EIO;
    Node& leecher = node("leecher", {}, &files);
    leecher.add({.what = torrent.metainfo, .peers = {seed.address()}});
    ASSERT_TRUE(run_until([&] { return leecher.status().state == TorrentState::waiting; }));
    files.error = 0;
    ASSERT_TRUE(run_until([&] { return leecher.finished(); }));
    EXPECT_TRUE(leecher.has(torrent));
    leecher.drop();
}

TEST_F(DiskTest, PeersAreWelcomeWhileItIsChecked) {
    const SampleTorrent torrent = sample(1 << 20, 64 << 10);
    reads_wait_ = true;
    Node& seed = node("seed", {}, &files_);
    seed.put(torrent);
    seed.add({.what = torrent.metainfo});
    ASSERT_TRUE(run_until([&] { return seed.status().state == TorrentState::checking; }));
    Node& leecher = node("leecher");
    leecher.add({.what = torrent.metainfo, .peers = {seed.address()}});
    EXPECT_TRUE(run_until([&] { return seed.status().peers == 1 && leecher.status().peers == 1; }));
    EXPECT_EQ(seed.status().state, TorrentState::checking);
    reads_wait_ = false;
    ASSERT_TRUE(run_until([&] { return leecher.finished(); }));
    EXPECT_TRUE(leecher.has(torrent));
}

TEST_F(DiskTest, AFileThatWasChangedAndMendedIsLookedAtAgain) {
    const SampleTorrent torrent = sample(1 << 20, 64 << 10);
    Node& seed = node("seed");
    seed.put(torrent);
    seed.add({.what = torrent.metainfo, .on_disk = OnDisk::just_hashed, .read_only = true});
    ASSERT_TRUE(run_until([&] { return seed.finished(); }));
    seed.put(torrent);  // the same bytes at another time
    Node& leecher = node("leecher");
    leecher.add({.what = torrent.metainfo, .peers = {seed.address()}});
    ASSERT_TRUE(run_until([&] { return seed.status().state == TorrentState::waiting; }));
    ASSERT_TRUE(run_until([&] { return leecher.finished(); }));
    EXPECT_TRUE(leecher.has(torrent));
    EXPECT_EQ(seed.status().state, TorrentState::seeding);
}

TEST_F(DiskTest, ATorrentMovesWhileItIsShared) {
    const SampleTorrent torrent = sample(1 << 20, 64 << 10);
    Node& seed = node("seed");
    seed.put(torrent);
    seed.add({.what = torrent.metainfo, .on_disk = OnDisk::just_hashed});
    std::optional<Result<void>> moved;
    std::optional<Result<void>> renamed;
    const auto elsewhere = folder_ / "elsewhere";
    seed.session().move_to(seed.id(), elsewhere.string(),
                           [&](Result<void> result) { moved = std::move(result); });
    ASSERT_TRUE(run_until([&] { return moved.has_value(); }));
    EXPECT_TRUE(*moved);
    seed.session().rename_file(seed.id(), metainfo::FileIndex(0), "other.bin",
                               [&](Result<void> result) { renamed = std::move(result); });
    ASSERT_TRUE(run_until([&] { return renamed.has_value(); }));
    EXPECT_TRUE(*renamed);
    EXPECT_FALSE(std::filesystem::exists(seed.folder() / "file.bin"));
    EXPECT_TRUE(std::filesystem::exists(elsewhere / "other.bin"));
    Node& leecher = node("leecher");
    leecher.add({.what = torrent.metainfo, .peers = {seed.address()}});
    ASSERT_TRUE(run_until([&] { return leecher.finished(); }));
    EXPECT_TRUE(leecher.has(torrent));
}

TEST_F(DiskTest, AFileOfSomebodyElseStays) {
    const SampleTorrent torrent = sample(100'000, 16 << 10);
    Node& leecher = node("leecher");
    std::ofstream(leecher.folder() / "file.bin") << "a diary";
    leecher.add({.what = torrent.metainfo});
    ASSERT_TRUE(run_until([&] { return leecher.status().state == TorrentState::failed; }));
    EXPECT_TRUE(leecher.status().error->is(std::errc::file_exists));
    EXPECT_EQ(std::filesystem::file_size(leecher.folder() / "file.bin"), 7u);
}

}  // namespace
}  // namespace spate::engine
