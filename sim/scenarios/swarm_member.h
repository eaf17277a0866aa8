// A member of a BitTorrent swarm as a program: the real engine::Session over a watched network, with its
// resume state on the host's disk. A torrent that failed, or a port that is not free, is tried again after a
// while, as a person would.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/session.h"
#include "sim/process.h"
#include "sim/scenarios/swarm_watch.h"

namespace spate::sim {

class MemberProgram;

struct MemberSettings {
    engine::AddTorrent torrent;
    engine::SessionOptions session;
    Duration retry_pause = std::chrono::seconds(3);
    Duration look_pause = std::chrono::milliseconds(500);  // between two MemberBoard::status
};

// What the scenario looks at; outlives the processes.
struct MemberBoard {
    std::weak_ptr<MemberProgram> program;
    bool finished = false;  // said by the present life
    std::uint64_t finishes = 0;
    std::uint64_t failures = 0;
    bool stopped = false;
    std::vector<Endpoint> banned;
    std::optional<engine::TorrentStatus> status;  // a moment ago
    TimePoint looked_at{};                        // then
};

class MemberProgram final : private engine::SessionEvents {
  public:
    static constexpr std::uint16_t port = 6881;

    MemberProgram(const ProgramStart& start, MemberSettings settings, std::shared_ptr<MemberTruth> truth,
                  std::shared_ptr<MemberBoard> board);
    ~MemberProgram() override;

    void stop();
    // What is beyond a cap now.
    std::optional<std::string> excess() const;

  private:
    void begin();
    void try_again();
    void look();
    void on_metainfo(engine::TorrentId, const metainfo::Metainfo&) override;
    void on_state(engine::TorrentId, engine::TorrentState state) override;
    void on_finished(engine::TorrentId) override;
    void on_error(engine::TorrentId, const Error& error) override;
    void on_warning(engine::TorrentId, const std::string& text) override;
    void on_peer_banned(engine::TorrentId, const Endpoint& peer) override;

    Log& log_;
    MemberSettings settings_;
    std::shared_ptr<MemberTruth> truth_;
    std::shared_ptr<MemberBoard> board_;
    WrappedNetwork network_;
    io::World world_;
    std::unique_ptr<engine::Session> session_;
    std::optional<engine::TorrentId> torrent_;
    std::unique_ptr<io::Timer> begin_timer_;
    std::unique_ptr<io::Timer> look_timer_;
};

}  // namespace spate::sim
