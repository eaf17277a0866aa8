#include "classic_peer/fetching.h"

#include "base/printable.h"

namespace spate::classic_peer {

Fetching::Fetching(io::World& world, Download& download, SourceLinks& links, PartFile& part, Rng& rng,
                   PeerEvents& events, Handlers handlers)
    : world_(world),
      download_(download),
      links_(links),
      part_(part),
      rng_(rng),
      events_(events),
      handlers_(std::move(handlers)),
      missing_(download.missing_bytes()),
      timer_(world.reactor.make_timer([this] { pump(); })) {
    links_.set_sink(*this);
}

void Fetching::schedule_pump() {
    timer_->arm(world_.reactor.now());
}

void Fetching::pump() {
    if (download_.complete()) {
        timer_->disarm();
        if (std::exchange(complete_told_, true)) return;
        links_.give_up_all();  // repetitions
        return handlers_.on_complete();
    }
    if (part_.unwritten() > unwritten_max) return;
    const TimePoint now = world_.reactor.now();
    for (const Fetch& fetch : download_.assign(now)) {
        source_of_.emplace(fetch.id, fetch.source);
        links_.fetch(fetch);
    }
    timer_->arm(download_.next_timeout(now));
}

void Fetching::on_fetched(FetchId fetch, ByteRange range, std::string_view data) {
    const auto source = source_of_.find(fetch);
    const HostPort& peer = download_.peer(source->second);
    std::uint64_t fresh = 0;
    for (const ByteRange& part : download_.received(fetch, range, world_.reactor.now())) {
        part_.write(part.start, data.substr(part.start - range.start, part.size()));
        fresh += part.size();
    }
    missing_ -= fresh;
    if (fresh > 0) events_.on_received(peer, fresh, download_.size() - missing_, download_.size());
    if (!download_.under_way(fetch)) source_of_.erase(source);
    schedule_pump();
}

void Fetching::on_refused(SourceId, FetchId fetch) {
    source_of_.erase(fetch);
    download_.refused(fetch, world_.reactor.now(), rng_);
    handlers_.on_claims_stale();
    schedule_pump();
}

void Fetching::on_source_failed(SourceId source, const std::vector<FetchId>& fetches, std::string reason) {
    for (const FetchId fetch : fetches) source_of_.erase(fetch);
    download_.failed(source, fetches, world_.reactor.now(), rng_);
    events_.on_warning(printable(reason));
    schedule_pump();
}

void Fetching::on_capacity(SourceId source, SourceCapacity capacity) {
    download_.set_capacity(source, capacity);
    schedule_pump();
}

}  // namespace spate::classic_peer
