#include "engine/classic_sources.h"

#include <algorithm>
#include <utility>

#include "classic_peer/file_finder.h"

namespace spate::engine {
namespace {

// Peers of the wire are numbered from 1 up (Torrent).
constexpr std::uint32_t first_source_number = 0x8000'0000;

}  // namespace

ClassicSources::ClassicSources(io::World& world, ClassicEntry entry, const metainfo::FileLayout& layout,
                               Downloads& downloads, PeerTable& peers, swarm::RateLimiter& down, Rng& rng,
                               ClassicSourcesOwner& owner)
    : world_(world),
      entry_(std::move(entry)),
      layout_(layout),
      downloads_(downloads),
      peers_(peers),
      down_(down),
      rng_(rng),
      owner_(owner),
      client_(world, entry_.tracker, tracker_time),
      poll_timer_(world.reactor.make_timer([this] { poll(); })) {
    sources_.reserve(sources_max);
}

ClassicSources::~ClassicSources() {
    stop();
}

void ClassicSources::start(Duration first_poll) {
    poll_timer_->arm(world_.reactor.now() + first_poll);
}

void ClassicSources::stop() {
    poll_timer_->disarm();
    question_.reset();
    for (Source& source : sources_) leave(source);
}

void ClassicSources::poll() {
    question_ = client_.get(entry_.name, [this](Result<classic_peer::ReceivedTrackerFile> received) {
        on_tracker_file(std::move(received));
    });
}

// A tracker that does not answer, or answers nonsense, is asked again: the swarm's own peers are there too.
void ClassicSources::on_tracker_file(Result<classic_peer::ReceivedTrackerFile> received) {
    question_.reset();
    poll_timer_->arm(world_.reactor.now() + poll_interval);
    if (!received) return;
    const auto file = classic::parse_tracker_file(received->text);
    if (!file || file->size != layout_.total_size()) return;
    for (const classic_peer::SourceClaim& claim : classic_peer::claims_of(*file)) {
        const auto address = Address::parse(claim.peer.host);
        if (!address || claim.peer.port == 0) continue;
        take_claim({*address, claim.peer.port}, claim.surely);
    }
    fill(world_.reactor.now());
}

void ClassicSources::take_claim(const Endpoint& endpoint, const RangeSet& claims) {
    if (owner_.is_known_peer(endpoint)) return;
    auto found = std::ranges::find(sources_, endpoint, &Source::endpoint);
    if (found == sources_.end()) {
        if (sources_.size() >= sources_max) return;
        const auto id = static_cast<std::uint32_t>(sources_.size());
        sources_.push_back({});
        found = std::prev(sources_.end());
        found->endpoint = endpoint;
        found->block_source.source = piece_store::Source(first_source_number + id);
        found->block_source.endpoint = endpoint;
    }
    found->claims = claims;
    join(static_cast<classic_peer::SourceId>(found - sources_.begin()));
}

void ClassicSources::join(classic_peer::SourceId id) {
    Source& source = sources_[id];
    if (world_.reactor.now() < source.retry_at) return;
    if (!source.link)
        source.link = std::make_unique<classic_peer::SourceLink>(
            world_, id, HostPort{source.endpoint.address.text(), source.endpoint.port}, entry_.name,
            layout_.total_size(), classic_peer::SourceLinkLimits{},
            static_cast<classic_peer::SourceLinkOwner&>(*this));
    source.link->set_claims(source.claims);
    auto& picker = downloads_.picker();
    if (!std::exchange(source.joined, true)) {
        source.block_source.key = peers_.lend_key();
        picker.peer_joined(source.block_source.key);
    }
    metainfo::Bitfield has(layout_.piece_count());
    for (metainfo::PieceIndex piece(0); piece.value < layout_.piece_count(); ++piece) {
        const std::uint64_t start = layout_.piece_offset(piece);
        if (source.claims.contains({start, start + layout_.piece_data_size(piece)})) has.set(piece);
    }
    picker.peer_bitfield(source.block_source.key, has);
}

// Gives everything of it up; its link stays, as we may be in one of its calls.
void ClassicSources::leave(Source& source) {
    if (!std::exchange(source.joined, false)) return;
    if (source.link)
        for (const classic_peer::FetchId fetch : source.link->give_up()) blocks_.erase(fetch);
    source.under_way = 0;
    downloads_.source_gone(source.block_source);
    peers_.return_key(source.block_source.key);
}

void ClassicSources::fill(TimePoint now) {
    for (classic_peer::SourceId id = 0; id < sources_.size(); ++id)
        if (sources_[id].joined) fill_one(id, now);
}

void ClassicSources::fill_one(classic_peer::SourceId id, TimePoint now) {
    Source& source = sources_[id];
    downloads_.picker().set_speed(source.block_source.key, source.rate.rate(now), false, {});
    if (source.under_way * 2 > blocks_max || down_.available(metainfo::block_size, now) == 0) return;
    picked_.clear();
    downloads_.fill(source.block_source, blocks_max - source.under_way, now, picked_);
    for (const swarm::BlockRequest& request : picked_) {
        const std::uint64_t start = layout_.piece_offset(request.piece) + request.offset;
        const classic_peer::FetchId fetch = next_fetch_++;
        blocks_[fetch] = {id, request, {}, true};
        ++source.under_way;
        source.link->fetch({fetch, id, {start, start + request.length}});
    }
}

void ClassicSources::on_fetched(classic_peer::FetchId fetch, ByteRange range, std::string_view data) {
    const auto it = blocks_.find(fetch);
    if (it == blocks_.end()) return;
    Block& block = it->second;
    const std::uint64_t start = layout_.piece_offset(block.request.piece) + block.request.offset;
    block.whole = block.whole && range.start == start + block.bytes.size();
    block.bytes += data;
    const TimePoint now = world_.reactor.now();
    down_.take(data.size(), now);
    sources_[block.source].rate.add(data.size(), now);
    if (range.end < start + block.request.length) return;
    const Block done = std::move(block);
    blocks_.erase(it);
    Source& source = sources_[done.source];
    --source.under_way;
    source.backoff.reset();
    if (done.whole)
        downloads_.on_block(source.block_source, done.request, as_bytes(done.bytes), now);
    else
        downloads_.picker().rejected(source.block_source.key, done.request, now);
    if (source.joined) fill_one(done.source, now);
}

void ClassicSources::on_refused(classic_peer::SourceId id, classic_peer::FetchId fetch) {
    const auto it = blocks_.find(fetch);
    if (it == blocks_.end()) return;
    --sources_[id].under_way;
    downloads_.picker().rejected(sources_[id].block_source.key, it->second.request, world_.reactor.now());
    blocks_.erase(it);
}

void ClassicSources::on_source_failed(classic_peer::SourceId id,
                                      const std::vector<classic_peer::FetchId>& fetches, std::string) {
    for (const classic_peer::FetchId fetch : fetches) blocks_.erase(fetch);
    Source& source = sources_[id];
    leave(source);
    source.retry_at = world_.reactor.now() + source.backoff.next(rng_);
}

void ClassicSources::on_shown_wrong(const Endpoint& wrong) {
    const auto found = std::ranges::find(sources_, wrong, &Source::endpoint);
    if (found == sources_.end()) return;
    leave(*found);
    found->retry_at = never;
}

}  // namespace spate::engine
