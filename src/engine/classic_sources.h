// ClassicSources: classic peers as further sources of a torrent of one file that is an entry of a classic
// tracker. Its tracker file is asked for now and then; each peer in it that is no BitTorrent peer gets a
// place in the picker, with the pieces that lie in the range it claims, and is asked for blocks. What it
// sends is hashed like everybody's. Only peers given by address count. Limits: sources_max, blocks_max under
// way a source. Owner: Content. Thread: the reactor's.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "classic_peer/backoff.h"
#include "classic_peer/source_link.h"
#include "classic_peer/tracker_client.h"
#include "engine/add_torrent.h"
#include "engine/downloads.h"
#include "engine/peer_table.h"
#include "io/world.h"
#include "swarm/rate_limiter.h"
#include "swarm/rate_meter.h"

namespace spate::engine {

class ClassicSourcesOwner {
  public:
    virtual ~ClassicSourcesOwner() = default;
    // It is, or was, a peer of the BitTorrent swarm, or is banned: nothing to ask in the classic way.
    virtual bool is_known_peer(const Endpoint& endpoint) const = 0;
};

class ClassicSources final : private classic_peer::SourceLinkOwner {
  public:
    static constexpr std::size_t sources_max = 32;
    static constexpr std::uint32_t blocks_max = 64;
    static constexpr Duration poll_interval = std::chrono::seconds(30);
    static constexpr Duration tracker_time = std::chrono::seconds(10);

    ClassicSources(io::World& world, ClassicEntry entry, const metainfo::FileLayout& layout,
                   Downloads& downloads, PeerTable& peers, swarm::RateLimiter& down, Rng& rng,
                   ClassicSourcesOwner& owner);
    ~ClassicSources() override;

    // Begins to ask the tracker, in a while.
    void start(Duration first_poll);
    // Nothing is missing any more.
    void stop();
    // Asks every source for more.
    void fill(TimePoint now);
    void on_shown_wrong(const Endpoint& source);
    std::size_t count() const { return sources_.size(); }

  private:
    struct Source {
        Endpoint endpoint;
        BlockSource block_source;
        std::unique_ptr<classic_peer::SourceLink> link;
        classic_peer::Backoff backoff{classic_peer::BackoffLimits{}};
        TimePoint retry_at{};
        std::uint32_t under_way = 0;  // blocks
        swarm::RateMeter rate{};
        bool joined = false;  // the picker knows it
        RangeSet claims;
    };
    struct Block {  // under way
        classic_peer::SourceId source;
        swarm::BlockRequest request;
        std::string bytes;
        bool whole = true;  // no byte was left out so far
    };
    using Blocks = std::map<classic_peer::FetchId, Block>;

    void poll();
    void on_tracker_file(Result<classic_peer::ReceivedTrackerFile> received);
    void take_claim(const Endpoint& endpoint, const RangeSet& claims);
    void join(classic_peer::SourceId id);
    void leave(Source& source);
    void fill_one(classic_peer::SourceId id, TimePoint now);

    void on_fetched(classic_peer::FetchId fetch, ByteRange range, std::string_view data) override;
    void on_refused(classic_peer::SourceId source, classic_peer::FetchId fetch) override;
    void on_source_failed(classic_peer::SourceId source, const std::vector<classic_peer::FetchId>& fetches,
                          std::string reason) override;
    void on_capacity(classic_peer::SourceId, classic_peer::SourceCapacity) override {}

    io::World& world_;
    ClassicEntry entry_;
    const metainfo::FileLayout& layout_;
    Downloads& downloads_;
    PeerTable& peers_;
    swarm::RateLimiter& down_;
    Rng& rng_;
    ClassicSourcesOwner& owner_;
    classic_peer::TrackerClient client_;
    std::unique_ptr<classic_peer::Question> question_;
    std::vector<Source> sources_;  // by SourceId
    Blocks blocks_;
    classic_peer::FetchId next_fetch_ = 1;
    std::vector<swarm::BlockRequest> picked_;
    std::unique_ptr<io::Timer> poll_timer_;
};

}  // namespace spate::engine
