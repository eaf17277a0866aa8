// An auditor of have ranges: picks from what the peers of a swarm have announced and asks for it, one chunk
// at a time. A refusal or a wrong byte is a lie; no answer is not, as peers die and ways are cut. Its own
// ways must not corrupt bytes.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/range_set.h"
#include "base/rng.h"
#include "classic/chunk_client.h"
#include "io/world.h"

namespace spate::sim {

// What each peer has had accepted by the tracker in its present life. Outlives the processes.
class AnnouncedRanges {
  public:
    struct Peer {
        std::uint64_t life = 0;
        std::uint16_t port = 0;
        RangeSet ranges;
    };
    // It begins anew, or has ended: nothing is announced.
    void begin(const Address& peer) { peers_[peer] = {peers_[peer].life + 1, 0, {}}; }
    void listens(const Address& peer, std::uint16_t port) { peers_[peer].port = port; }
    void announced(const Address& peer, ByteRange range) { peers_[peer].ranges.add(range); }
    const std::map<Address, Peer>& peers() const { return peers_; }

  private:
    std::map<Address, Peer> peers_;
};

class Auditor final : private io::StreamHandler {
  public:
    struct Findings {
        std::function<void()> on_right;
        std::function<void(const std::string& lie)> on_lie;
    };
    Auditor(io::World& world, std::shared_ptr<const AnnouncedRanges> announced, std::string name,
            std::string file, Findings findings);
    ~Auditor() override;

  private:
    void ask();
    void on_connected(Result<std::unique_ptr<io::Stream>> stream);
    void on_readable() override;
    void on_writable() override;
    void judge();
    void rest();

    io::World& world_;
    std::shared_ptr<const AnnouncedRanges> announced_;
    std::string name_;
    std::string file_;
    Findings findings_;
    Rng rng_;
    Endpoint peer_;
    std::uint64_t life_ = 0;
    std::string unsent_;
    std::optional<classic::ChunkReplyReader> reader_;
    std::unique_ptr<io::Pending> connecting_;
    std::unique_ptr<io::Stream> stream_;
    std::unique_ptr<io::Timer> timer_;  // the next question; while one is under way: its end
};

}  // namespace spate::sim
