// A member of a BitTorrent swarm as a program: the real engine::Session over a watched network, with its
// resume state on the host's disk. A torrent that failed, or a port that is not free, is tried again after a
// while, as a person would; a file that no state knows is overwritten then, which may be needed only where a
// state could not be saved.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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
    bool unsaved = false;  // a resume state could not be kept, in any life
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
    void set_deadline(std::uint32_t piece, TimePoint deadline);
    // What is beyond a cap now.
    std::optional<std::string> excess() const;

  private:
    // Hears what a session says of its resume state.
    class MemberLog final : public Log {
      public:
        MemberLog(Log& log, std::shared_ptr<MemberBoard> board) : log_(log), board_(std::move(board)) {}
        void write(LogLevel level, std::string_view text) override;

      private:
        Log& log_;
        std::shared_ptr<MemberBoard> board_;
    };
    void begin();
    void try_again();
    void look();
    void on_metainfo(engine::TorrentId, const metainfo::Metainfo&) override;
    void on_state(engine::TorrentId, engine::TorrentState state) override;
    void on_finished(engine::TorrentId) override;
    void on_error(engine::TorrentId, const Error& error) override;
    void on_warning(engine::TorrentId, const std::string& text) override;
    void on_peer_banned(engine::TorrentId, const Endpoint& peer) override;

    std::shared_ptr<MemberBoard> board_;
    MemberLog log_;
    MemberSettings settings_;
    std::shared_ptr<MemberTruth> truth_;
    WrappedNetwork network_;
    io::World world_;
    std::unique_ptr<engine::Session> session_;
    std::optional<engine::TorrentId> torrent_;
    std::unique_ptr<io::Timer> begin_timer_;
    std::unique_ptr<io::Timer> look_timer_;
};

}  // namespace spate::sim
