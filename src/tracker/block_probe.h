// BlockProbe: asks one sharer for the pieces of a plan over the peer protocol, one connection, and compares
// their hashes. Only a sharer that says it has everything and gives every piece right is verified; one that
// gives wrong bytes is refused; silence, choking and broken connections are no proof of anything.
//
// Time: its handshake within first_word_max of the start, a first block within first_block_max of that, and
// then one every block_pause_max; all of it within time_max. Who says nothing is gone after three seconds.
//
// Memory: one piece. It tells no lies to the swarm: it has nothing, asks only for the plan's blocks and goes.
// Thread: the reactor's. Owner: EntryChecker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "io/world.h"
#include "tracker/possession_checker.h"
#include "tracker/probe_plan.h"
#include "wire/handshake.h"
#include "wire/peer_wire.h"

namespace spate::tracker {

class BlockProbe final : private io::StreamHandler {
  public:
    static constexpr Duration first_word_max = std::chrono::seconds(3);
    static constexpr Duration first_block_max = std::chrono::seconds(10);  // a choker's round
    static constexpr Duration block_pause_max = std::chrono::seconds(5);
    static constexpr Duration time_max = std::chrono::seconds(20);
    static constexpr std::size_t requests_max = 32;  // under way at once
    static constexpr std::size_t rejects_max = 200;  // then it is given up
    static constexpr std::size_t chokes_max = 20;    // likewise

    // Calls back once, never from inside this call; the callback may destroy the probe.
    BlockProbe(io::World world, const Endpoint& peer, ProbePlan plan, const wire::PeerId& our_id,
               OnFinding on_finding);
    ~BlockProbe() override;

  private:
    struct Block {
        enum class State : std::uint8_t { unasked, asked, there } state = State::unasked;
    };
    struct HashJob;

    void on_readable() override;
    void on_writable() override;
    void connected(Result<std::unique_ptr<io::Stream>> stream);
    // False: it ended, and this may be gone.
    [[nodiscard]] bool take(Bytes bytes);
    [[nodiscard]] bool begin_messages(const wire::Handshake& theirs);
    [[nodiscard]] bool take_event(const wire::Event& event);
    [[nodiscard]] bool take_block(const wire::BlockBytes& block);
    void wait_at_most(Duration pause);
    void note_have(metainfo::PieceIndex piece);
    void ask_again(const wire::BlockRequest& block);
    void begin_piece();
    void ask();
    void hash_piece();
    void hashed(bool is_right);
    void send();
    void end(Finding::Kind kind, std::string reason);

    const ProbedPiece& piece() const { return plan_.pieces[at_]; }

    io::World world_;
    ProbePlan plan_;
    wire::Handshake ours_;
    OnFinding on_finding_;
    std::unique_ptr<io::Timer> deadline_;
    TimePoint over_at_;
    std::unique_ptr<io::Pending> connecting_;
    std::unique_ptr<io::Stream> stream_;
    wire::HandshakeReader handshake_;
    std::unique_ptr<wire::PeerWire> wire_;
    std::vector<std::uint8_t> unsent_;
    bool choked_ = true;
    std::vector<bool> has_;  // of the plan's pieces
    std::size_t at_ = 0;     // the piece that is fetched
    std::vector<std::uint8_t> bytes_;
    std::vector<Block> blocks_;
    std::size_t asked_ = 0, rejected_ = 0, chokes_ = 0;
    std::shared_ptr<BlockProbe*> self_;  // hash jobs look whether we are still there
};

}  // namespace spate::tracker
