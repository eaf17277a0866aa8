// Sessions on hosts of the simulated world, with a tracker that does what a test wants.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/session.h"
#include "sim/disk.h"
#include "sim/test_programs.h"
#include "tests/announce/tracker_double.h"
#include "tests/sample_torrent.h"

namespace spate::engine {

using spate::testing::SampleTorrent;
using spate::testing::TrackerDouble;

// A session whose process is idle otherwise: the test makes its calls.
class SimNode final : public SessionEvents {
  public:
    SimNode(sim::Testbed& testbed, const std::string& name)
        : host(testbed.add_host(name, sim::plain_host())), process_(host.run("node", sim::idle_program())) {}

    void begin(SessionOptions options) {
        options.sleep_after = std::chrono::seconds(20);
        session = std::make_unique<Session>(process_.world(), options, *this, log_);
        EXPECT_TRUE(session->start());
    }
    void put(const SampleTorrent& sample) {
        for (const auto& [path, bytes] : sample.files) host.disk().put("/data/" + path, bytes);
    }
    Result<TorrentId> add(AddTorrent torrent) {
        torrent.folder = "/data";
        return session->add(std::move(torrent));
    }
    int finishes(TorrentId id) const {
        const auto found = finished_.find(id);
        return found == finished_.end() ? 0 : found->second;
    }
    const std::vector<TorrentState>& states(TorrentId id) { return states_[id]; }
    io::World& world() { return process_.world(); }

    sim::Host& host;
    std::unique_ptr<Session> session;
    std::function<void(TorrentId)> when_finished;
    std::function<void(TorrentId)> when_metainfo;
    std::vector<std::string> complaints;

  private:
    void on_metainfo(TorrentId id, const metainfo::Metainfo&) override {
        if (when_metainfo) when_metainfo(id);
    }
    void on_state(TorrentId id, TorrentState state) override { states_[id].push_back(state); }
    void on_finished(TorrentId id) override {
        ++finished_[id];
        if (when_finished) when_finished(id);
    }
    void on_error(TorrentId, const Error& error) override { complaints.push_back(error.message()); }
    void on_warning(TorrentId, const std::string& text) override { complaints.push_back(text); }

    sim::Process& process_;
    NoLog log_;
    std::map<TorrentId, int> finished_;
    std::map<TorrentId, std::vector<TorrentState>> states_;
};

class SessionTest : public ::testing::Test {
  protected:
    SessionTest() {
        tracker_host_ = &testbed.add_host("tracker", sim::plain_host());
        sim::Process& process = tracker_host_->run("tracker", sim::idle_program());
        tracker = std::make_unique<TrackerDouble>(process.world(), Endpoint{tracker_host_->address(), 6969});
        announce::AnnounceReply reply;
        reply.interval = 1800;
        reply.complete = 1;
        tracker->reply = reply;
    }
    SimNode& node(const std::string& name, bool keeps_state = true) {
        SimNode& made = *nodes_.emplace_back(std::make_unique<SimNode>(testbed, name));
        SessionOptions options;
        if (keeps_state) options.state_folder = "/state";
        made.begin(options);
        return made;
    }
    SampleTorrent sample(const std::string& name, std::uint64_t size = 200'000) {
        return SampleTorrent::make(name, {{"", size}}, 32 << 10, metainfo::TorrentVersion::v1, rng);
    }
    AddTorrent seed(const SampleTorrent& torrent,
                    std::vector<std::string> trackers = {"http://tracker:6969/announce"}) {
        return {.what = torrent.metainfo, .on_disk = OnDisk::just_hashed, .trackers = std::move(trackers)};
    }
    // Until it has looked at all of it.
    TorrentId begin_seeding(SimNode& seeder, const SampleTorrent& torrent) {
        seeder.put(torrent);
        const TorrentId id = seeder.add(seed(torrent)).value();
        EXPECT_TRUE(run_until([&] { return seeder.finishes(id) == 1; }));
        return id;
    }
    bool run_until(const std::function<bool()>& done, Duration limit = std::chrono::minutes(10)) {
        return testbed.simulation().run_until(done, limit);
    }
    void run_for(Duration length) { testbed.simulation().run_for(length); }

    sim::Testbed testbed{7};
    Rng rng{1};
    sim::Host* tracker_host_;
    std::unique_ptr<TrackerDouble> tracker;
    std::vector<std::unique_ptr<SimNode>> nodes_;
};

}  // namespace spate::engine
