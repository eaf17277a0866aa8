// A BitTorrent swarm in the simulator: the real tracker, seeds and leechers with the real engine, perhaps
// evil peers; with what must always hold: the Conversation's rules on every stream, files that are right when
// they are said to be finished (and durable), caps, and nobody banned but who sent false bytes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/scenarios/swarm_evil_peer.h"
#include "sim/scenarios/swarm_member.h"
#include "sim/testbed.h"

namespace spate::sim {

struct TorrentSwarmSettings {
    std::uint64_t size_max = 600'000;
    std::vector<std::uint64_t> sizes;  // of the files; empty: drawn, below size_max in all
    std::uint32_t piece_length = 0;    // 0: drawn
    bool only_v1 = false;
    int seeds = 1;
    std::uint64_t leechers = 2;
    std::uint64_t magnets = 0;                       // of the leechers
    std::vector<EvilKind> evil;                      // one peer each
    bool only_v2 = false;                            // v2 or hybrid, so that there are hashes to fetch
    bool hosts_fail = false;                         // then seeds check what they have, and keep resume state
    Duration grace = std::chrono::milliseconds(50);  // see MemberTruth
    // Machine `number`: seeds first, then leechers, then evil peers; none: drawn.
    std::function<HostSettings(std::size_t number)> machine;
    // The last word about member `number` before it runs.
    std::function<void(std::size_t number, MemberSettings&)> change;
};

// Ways of every kind: near and far, fast and slow.
void draw_ways(Testbed& testbed);

class TorrentSwarm {
  public:
    TorrentSwarm(Testbed& testbed, const TorrentSwarmSettings& settings);

    struct Member {
        Host* host = nullptr;
        Process* process = nullptr;
        std::shared_ptr<MemberTruth> truth;
        std::shared_ptr<MemberBoard> board = std::make_shared<MemberBoard>();
        std::shared_ptr<MemberSettings> settings = std::make_shared<MemberSettings>();
        bool seed = false;
    };
    const std::vector<Member>& members() const { return members_; }
    std::vector<Member>& members() { return members_; }
    const piece_store::TestTorrent& torrent() const { return *torrent_; }
    const std::vector<std::string>& trackers() const { return trackers_; }
    // What evil peers were given so far, by that member.
    std::uint64_t taken_from(const Member& member) const;
    // Ended, and begun again with other settings.
    void restart(Member& member, const std::function<void(engine::AddTorrent&)>& change);
    Host& tracker() { return *tracker_; }
    std::uint64_t size() const { return torrent_->space.size(); }
    // Every leecher has everything, and said so.
    bool all_done() const;
    // Who has not, and how much of it.
    std::string late() const;
    // Runs until all are done; fails after `limit`.
    void finish(Duration limit);
    // All say good-bye at once; each must be gone within its stop time.
    void stop_all();

  private:
    void draw_torrent();
    void run_tracker();
    void add_hosts();
    Host& add_host(const std::string& name, std::size_t number);
    void run_member(Member& member, bool magnet);
    void run_evil(std::size_t i);
    void put_content(const Member& seed);
    engine::SessionOptions draw_session();
    std::optional<std::string> complaint() const;

    Testbed& testbed_;
    TorrentSwarmSettings settings_;
    std::shared_ptr<piece_store::TestTorrent> torrent_;
    std::vector<std::string> trackers_;
    Host* tracker_ = nullptr;
    std::vector<Member> members_;
    std::vector<Host*> evil_;  // one of each of settings_.evil
    std::shared_ptr<std::map<Address, std::uint64_t>> taken_ =
        std::make_shared<std::map<Address, std::uint64_t>>();
};

}  // namespace spate::sim
