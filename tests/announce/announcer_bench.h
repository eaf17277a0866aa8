// For the announcer's tests: one in the simulated world, against trackers that do what a test wants.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/announcer.h"
#include "sim/test_programs.h"
#include "tests/announce/tracker_double.h"

namespace spate::engine {

using spate::testing::TrackerDouble;

inline constexpr std::uint16_t port = 6969;

class NotedSource final : public AnnounceSource {
  public:
    NotedSource() {
        told.swarms = {hash::Sha1{1}};
        told.port = 6881;
        told.left = 100;
    }
    AnnounceFigures figures() const override { return told; }
    void on_peers(std::span<const Endpoint> given, const Address&) override {
        peers.insert(peers.end(), given.begin(), given.end());
    }
    void on_external_address(const Address& address) override { external = address; }
    void on_tracker_warning(const std::string& tracker, const std::string& text) override {
        warnings.push_back(tracker + " " + text);
    }
    AnnounceFigures told;
    std::vector<Endpoint> peers;
    std::optional<Address> external;
    std::vector<std::string> warnings;
};

class AnnouncerBench : public ::testing::TestWithParam<std::string> {
  protected:
    AnnouncerBench() : testbed(7), peer(testbed.add_host("peer", sim::plain_host())) {
        peer_process = &peer.run("announcer", sim::idle_program());
    }
    // Host tN with a tracker on it.
    TrackerDouble& add_tracker(std::vector<Address> addresses = {}) {
        auto settings = sim::plain_host();
        settings.node.addresses = std::move(addresses);
        sim::Host& host = testbed.add_host("t" + std::to_string(trackers.size() + 1), settings);
        hosts.push_back(&host);
        sim::Process& process = host.run("tracker", sim::idle_program());
        trackers.push_back(std::make_unique<TrackerDouble>(process.world(), Endpoint{host.address(), port}));
        return *trackers.back();
    }
    static std::string url(const std::string& scheme, const std::string& host) {
        return scheme + "://" + host + ":" + std::to_string(port) + "/announce";
    }
    void start(const std::vector<std::vector<std::string>>& tiers) {
        schedule = std::make_unique<AnnounceSchedule>(peer_process->world().reactor);
        announcer = std::make_unique<Announcer>(peer_process->world(), *schedule, source, tiers);
        announcer->start();
    }
    void run_for(Duration length) { testbed.simulation().run_for(length); }
    // The peer moves to a host that has both.
    void use_both_families() {
        auto settings = sim::plain_host();
        settings.node.addresses = {Address::v4(10, 0, 9, 8), Address::parse("2001:db8::98").value()};
        peer_process = &testbed.add_host("dual", settings).run("announcer", sim::idle_program());
    }
    announce::AnnounceReply reply_with(std::uint32_t interval) {
        announce::AnnounceReply reply;
        reply.interval = interval;
        reply.peers = {{Address::v4(10, 9, 9, 9), 1234}};
        return reply;
    }

    const Address tracker_v6 = Address::parse("2001:db8::99").value();
    sim::Testbed testbed;
    sim::Host& peer;
    sim::Process* peer_process;
    std::vector<sim::Host*> hosts;
    std::vector<std::unique_ptr<TrackerDouble>> trackers;
    NotedSource source;
    std::unique_ptr<AnnounceSchedule> schedule;
    std::unique_ptr<Announcer> announcer;
};

// By scheme.
inline std::string name_of(const ::testing::TestParamInfo<std::string>& scheme) {
    return scheme.param;
}

}  // namespace spate::engine
