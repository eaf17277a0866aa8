// Conversation: what one peer connection of a swarm says, read by a parser of its own (none of src/wire), and
// judged from the side of one member:
//   - every have, bitfield and have all it tells is true on its disk (Truth), or comes out of a queue that
//     waited since before the piece was lost, and its don't have comes behind it;
//   - it asks only for blocks inside the torrent, that the other side said to have, and not while choked;
//   - it has no more requests waiting than the other side takes (reqq), nor than request_queue_max;
//   - every block it sends was asked for, is right, and does not go to one it chokes (but for allowed fast).
// The first complaint goes to the simulation. Owner: the stream it listens on.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "engine/add_torrent.h"
#include "piece_store/test_torrent.h"
#include "sim/host.h"

namespace spate::sim {

// The stream after the handshake as frames. Deaf from the first frame beyond frame_max on.
class FrameCutter {
  public:
    static constexpr std::size_t handshake_size = 68;
    static constexpr std::size_t frame_max = 1 << 20;
    struct Frame {
        std::uint8_t id = 0;
        Bytes body;  // valid inside the call
    };
    using OnFrame = std::function<void(const Frame&)>;

    // False: these bytes are no BitTorrent, or it is deaf.
    bool feed(Bytes bytes, const OnFrame& on_frame);
    bool greeted() const { return greeted_; }
    // Of the handshake, once greeted.
    std::uint8_t reserved(std::size_t octet) const { return handshake_[20 + octet]; }

  private:
    std::vector<std::uint8_t> pending_;
    std::array<std::uint8_t, handshake_size> handshake_{};
    bool greeted_ = false;
    bool deaf_ = false;
};

// Who looks at the order in which a member asks. Each request ends once.
class RequestWatcher {
  public:
    virtual ~RequestWatcher() = default;
    // `has`: what the peer that is asked said to have. `choked`: only what it allows can be asked for.
    virtual void on_asked(std::uint32_t piece, bool choked,
                          const std::function<bool(std::uint32_t)>& has) = 0;
    // came: its block did; else nobody will send it.
    virtual void on_over(std::uint32_t piece, bool came) = 0;
};

// What is true of one member: its host, the bytes there are, and which of them it should have. Outlives the
// processes.
class MemberTruth {
  public:
    MemberTruth(Host& host, std::shared_ptr<const piece_store::TestTorrent> torrent, Duration grace);

    Simulation& simulation() { return host_.simulation(); }
    const std::string& who() const { return host_.name(); }
    const piece_store::TestTorrent& torrent() const { return *torrent_; }
    // How long after a choke was read a request may still come out of a queue.
    Duration grace() const { return grace_; }
    void complain(const std::string& what);
    // From now on it is to have what that asks for; the whole torrent unless this is called.
    void expect(const engine::AddTorrent& wanted);
    // Whether it is so.
    bool told_have(std::uint32_t piece);
    // The first of the files it should have that is not there and right, as programs see it or as it would
    // be after a power cut.
    std::optional<std::string> wrong_file(bool durable) const;
    Bytes content_of(std::uint32_t file) const;

    RequestWatcher* requests = nullptr;  // or null; outlives the processes
    std::uint32_t talking = 0;           // conversations with both handshakes
    // It tells of pieces in this order, perhaps again after a restart.
    std::vector<std::uint32_t> told;

  private:
    bool piece_is_there(std::uint32_t piece) const;

    Host& host_;
    std::shared_ptr<const piece_store::TestTorrent> torrent_;
    Duration grace_;
    std::vector<bool> wanted_;  // by file
    metainfo::PieceRange part_;
    std::set<std::uint32_t> seen_;  // pieces found there a moment ago
    TimePoint seen_since_{};
};

class Conversation {
  public:
    explicit Conversation(std::shared_ptr<MemberTruth> truth) : truth_(std::move(truth)) {}
    ~Conversation();
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    void heard(Bytes bytes);
    void said(Bytes bytes);
    void output_waits() { output_waits_ = true; }

  private:
    struct Block {
        std::uint32_t piece = 0, offset = 0, length = 0;
        auto operator<=>(const Block&) const = default;
    };
    static Block block_of(Bytes body);
    void on_heard(const FrameCutter::Frame& frame);
    void on_said(const FrameCutter::Frame& frame);
    void forget(const Block& block, bool came);  // that we asked for
    void forget_all();
    void on_told(std::uint32_t piece);
    void complain_of_untrue();
    void on_said_extended(Bytes body);
    void on_asked(const Block& block);
    void on_sent(Bytes body);
    void on_their_extensions(Bytes body);
    void count();

    std::shared_ptr<MemberTruth> truth_;
    FrameCutter theirs_;
    FrameCutter ours_;
    bool counted_ = false;
    bool choked_ = true;
    TimePoint choked_at_{};
    bool output_waits_ = false;
    TimePoint waited_at_{};
    bool they_have_all_ = false;
    std::set<std::uint32_t> they_have_;
    bool we_choke_ = true;
    std::set<std::uint32_t> allowed_fast_;  // by us
    std::set<std::uint32_t> they_allow_;    // allowed fast, by them
    std::optional<std::uint64_t> their_queue_;
    std::uint8_t their_dont_have_ = 0;           // the number they gave it
    std::map<std::uint32_t, TimePoint> untrue_;  // pieces told, until they are taken back
    std::multiset<Block> we_asked_;
    std::multiset<Block> they_asked_;
};

}  // namespace spate::sim
