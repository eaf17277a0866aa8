// A swarm of sessions in one process, over loopback and files in a temporary folder.
#pragma once

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "engine/session.h"
#include "io/linux/loop.h"
#include "tests/sample_torrent.h"

namespace spate::engine {

using testing::SampleTorrent;

class Node final : public SessionEvents {
  public:
    // files: instead of the real disk.
    Node(io_linux::Loop& loop, std::filesystem::path folder, SessionOptions options, io::Files* files)
        : folder_(std::move(folder)), world_(with(loop.world(), files)) {
        std::filesystem::create_directories(folder_);
        options.bind = Address::loopback();
        options.port_first = options.port_last = 0;
        session_ = std::make_unique<Session>(world_, options, *this, log_);
        const auto port = session_->start();
        EXPECT_TRUE(port);
    }

    void put(const SampleTorrent& sample) {
        for (const auto& [path, bytes] : sample.files) {
            const auto whole = folder_ / path;
            std::filesystem::create_directories(whole.parent_path());
            std::ofstream(whole, std::ios::binary)
                .write(reinterpret_cast<const char*>(bytes.data()),
                       static_cast<std::streamsize>(bytes.size()));
        }
    }
    TorrentId add(AddTorrent torrent) {
        torrent.folder = folder_.string();
        const auto id = session_->add(std::move(torrent));
        EXPECT_TRUE(id);
        return id_ = *id;
    }
    bool has(const SampleTorrent& sample) const {
        for (const auto& [path, bytes] : sample.files) {
            std::ifstream in(folder_ / path, std::ios::binary);
            const std::vector<char> there((std::istreambuf_iterator<char>(in)), {});
            if (!std::ranges::equal(there, bytes, {}, [](char c) { return static_cast<std::uint8_t>(c); }))
                return false;
        }
        return true;
    }
    HostPort address() const { return {"127.0.0.1", session_->port()}; }
    Endpoint endpoint() const { return {Address::loopback(), session_->port()}; }
    TorrentStatus status() const { return session_->status(id_); }
    Session& session() { return *session_; }
    bool finished() const { return finished_; }
    TorrentId id() const { return id_; }
    int checks() const { return checks_; }
    const std::filesystem::path& folder() const { return folder_; }
    const std::vector<std::string>& complaints() const { return complaints_; }
    // As kill -9 does, as far as this process can tell.
    void drop() { session_.reset(); }

  private:
    static io::World with(const io::World& world, io::Files* files) {
        return {world.reactor, world.network, world.resolver, files ? *files : world.files,
                world.pool,    world.random};
    }
    void on_state(TorrentId, TorrentState state) override {
        checks_ += state == TorrentState::checking ? 1 : 0;
    }
    void on_finished(TorrentId) override { finished_ = true; }
    void on_error(TorrentId, const Error& error) override { complaints_.push_back(error.message()); }
    void on_warning(TorrentId, const std::string& text) override { complaints_.push_back(text); }

    std::filesystem::path folder_;
    io::World world_;
    NoLog log_;
    std::unique_ptr<Session> session_;
    TorrentId id_;
    bool finished_ = false;
    int checks_ = 0;
    std::vector<std::string> complaints_;
};

class SwarmTest : public ::testing::Test {
  protected:
    SwarmTest() {
        std::string name = (std::filesystem::temp_directory_path() / "spate-swarm-XXXXXX").string();
        folder_ = mkdtemp(name.data());
    }
    Node& node(const std::string& name, SessionOptions options = {}, io::Files* files = nullptr) {
        return *nodes_.emplace_back(std::make_unique<Node>(loop_, folder_ / name, options, files));
    }
    bool run_until(const std::function<bool()>& done, Duration limit = std::chrono::seconds(30)) {
        const TimePoint end = loop_.world().reactor.now() + limit;
        while (!done()) {
            const Duration left = end - loop_.world().reactor.now();
            if (left <= Duration::zero()) return false;
            loop_.run_one(left);
        }
        return true;
    }
    SampleTorrent sample(std::uint64_t size, std::uint64_t piece_length,
                         metainfo::TorrentVersion version = metainfo::TorrentVersion::v1) {
        return SampleTorrent::make("file.bin", {{"", size}}, piece_length, version, rng_);
    }

    Rng rng_{1};
    std::filesystem::path folder_;
    // After the loop, whose end waits for the jobs that still write there.
    struct Removal {
        const std::filesystem::path& folder;
        ~Removal() { std::filesystem::remove_all(folder); }
    } removal_{folder_};
    io_linux::Loop loop_{2};
    std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace spate::engine
