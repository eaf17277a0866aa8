#include "classic_peer/source_link.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace spate::classic_peer {

using classic::ChunkVerdict;

SourceLink::SourceLink(io::World& world, SourceId id, HostPort peer, std::string file_name,
                       std::uint64_t file_size, SourceLinkLimits limits, SourceLinkOwner& owner)
    : world_(world),
      id_(id),
      peer_(std::move(peer)),
      file_name_(std::move(file_name)),
      file_size_(file_size),
      limits_(limits),
      owner_(owner),
      dialect_(limits.pipeline),
      address_(Address::parse(peer_.host)) {}

SourceLink::~SourceLink() {
    *alive_ = false;
}

SourceCapacity SourceLink::capacity() const {
    if (dialect_.pipelines()) return {256, window_.bytes(), window_.bytes()};
    const std::size_t parallel = dialect_.known() && !dialect_.probing() ? limits_.plain_connections : 1;
    return {parallel, chunk_bytes_max, parallel * chunk_bytes_max};
}

void SourceLink::tell_capacity() {
    owner_.on_capacity(id_, capacity());
}

void SourceLink::fetch(const Fetch& fetch) {
    SPATE_ASSERT(fetch.source == id_ && !fetch.range.empty());
    left_.emplace(fetch.id, fetch.range);
    queue_.push_back({fetch.id, fetch.range});
    schedule_pump();
}

std::vector<FetchId> SourceLink::give_up() {
    std::vector<FetchId> fetches;
    for (const auto& [fetch, range] : left_) fetches.push_back(fetch);
    left_.clear();
    queue_.clear();
    connections_.clear();
    return fetches;
}

void SourceLink::schedule_pump() {
    if (pump_scheduled_) return;
    pump_scheduled_ = true;
    world_.reactor.post([this, alive = alive_] {
        if (!*alive) return;
        pump_scheduled_ = false;
        pump();
    });
}

void SourceLink::resolve() {
    if (resolving_) return;
    resolving_ = world_.resolver.resolve(peer_.host, [this](Result<std::vector<Address>> addresses) {
        const auto keep = std::move(resolving_);
        if (!addresses || addresses->empty())
            return fail_source(addresses ? peer_.host + " has no address" : addresses.error().message());
        address_ = addresses->front();
        schedule_pump();
    });
}

void SourceLink::pump() {
    if (queue_.empty()) return;
    if (!address_) return resolve();
    std::erase_if(connections_, [this](const auto& one) {  // left from a probe that failed
        return one->wire->form() == classic::ChunkForm::plus && one->parts.empty() && !dialect_.pipelines() &&
               !dialect_.probing();
    });
    const std::size_t most =
        dialect_.known() && !dialect_.pipelines() && !dialect_.probing() ? limits_.plain_connections : 1;
    for (const auto& connection : connections_)
        while (connection->wire->form() == classic::ChunkForm::plus && dialect_.pipelines() &&
               !queue_.empty() && !connection->wire->full() && ask_next(*connection)) {
        }
    while (!queue_.empty() && connections_.size() < most) open_connection();
}

void SourceLink::open_connection() {
    ChunkConnectionLimits limits = limits_.connection;
    if (!dialect_.known() || dialect_.probing())
        limits.chunk_timeout = std::min(limits.chunk_timeout, limits_.form_timeout);
    auto connection = std::make_unique<Connection>();
    connection->wire =
        std::make_unique<ChunkConnection>(world_, Endpoint{*address_, peer_.port}, dialect_.form(), limits,
                                          static_cast<ChunkConnectionOwner&>(*this));
    Connection& opened = *connection;
    connections_.push_back(std::move(connection));
    if (!ask_next(opened)) return drop_connection(*opened.wire);
    while (dialect_.pipelines() && !queue_.empty() && !opened.wire->full() && ask_next(opened)) {
    }
}

// Takes the front of the queue. False: this form cannot ask for it, and the next form is due.
bool SourceLink::ask_next(Connection& connection) {
    Part& front = queue_.front();
    RangeSet claims = claims_;
    claims.add(front.wanted);
    const auto available = claims.first_in({front.wanted.start, file_size_});
    ByteRange believed = *available;
    for (const ByteRange& range : claims.ranges())
        if (range.start <= front.wanted.start && front.wanted.start < range.end) believed = range;
    const auto ask =
        classic::write_chunk_request(connection.wire->form(), file_name_, front.wanted, believed, file_size_);
    if (!ask) {
        if (dialect_.did_not_work(connection.wire->form())) refuse(front.fetch);
        schedule_pump();
        return false;
    }
    const std::uint64_t end = std::clamp(ask->asked.end, front.wanted.start + 1, front.wanted.end);
    connection.parts.push_back({front.fetch, {front.wanted.start, end}});
    front.wanted.start = end;
    // On connections side by side a fetch's chunks would come out of order: its rest waits for this one.
    if (front.wanted.empty() || connection.wire->form() != classic::ChunkForm::plus) queue_.pop_front();
    connection.wire->ask(*ask);
    return true;
}

SourceLink::Connection& SourceLink::of(ChunkConnection& wire) {
    const auto it =
        std::ranges::find_if(connections_, [&](const auto& one) { return one->wire.get() == &wire; });
    SPATE_ASSERT(it != connections_.end());
    return **it;
}

void SourceLink::drop_connection(ChunkConnection& wire) {
    std::erase_if(connections_, [&](const auto& one) { return one->wire.get() == &wire; });
}

void SourceLink::on_chunk(ChunkConnection& wire, ByteRange asked, ChunkVerdict verdict, std::string_view data,
                          Duration delay) {
    Connection& connection = of(wire);
    const Part part = connection.parts.front();
    connection.parts.pop_front();
    const SourceCapacity before = capacity();
    if (verdict == ChunkVerdict::complete) {
        dialect_.worked(wire.form());
        if (dialect_.pipelines()) window_.replied(data.size(), delay);
        arrived(part, asked, data, wire.form() == classic::ChunkForm::plus);
    } else if (!dialect_.known() || dialect_.probing()) {
        requeue({part});  // perhaps it only reads this form as nonsense
        if (dialect_.did_not_work(wire.form())) refuse(part.fetch);
    } else {
        refuse(part.fetch);
    }
    const SourceCapacity after = capacity();
    if (before.bytes != after.bytes || before.fetches != after.fetches) tell_capacity();
    schedule_pump();
}

void SourceLink::arrived(const Part& part, ByteRange asked, std::string_view data, bool asking_rest) {
    const auto it = left_.find(part.fetch);
    if (it == left_.end()) return;  // refused meanwhile
    const ByteRange came{std::max(asked.start, it->second.start), std::min(asked.end, part.wanted.end)};
    if (came.empty()) return refuse(part.fetch);
    const FetchId fetch = part.fetch;
    const bool last = came.end >= it->second.end;
    it->second.start = came.end;
    if (last)
        left_.erase(it);
    else if (!asking_rest)
        queue_.push_front({fetch, it->second});
    owner_.on_fetched(fetch, came, data.substr(came.start - asked.start, came.size()));
}

void SourceLink::requeue(const std::deque<Part>& parts) {
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        const auto left = left_.find(part->fetch);
        if (left == left_.end()) continue;
        if (!queue_.empty() && queue_.front().fetch == part->fetch)
            queue_.front().wanted.start = part->wanted.start;
        else
            queue_.push_front({part->fetch, {part->wanted.start, left->second.end}});
    }
}

void SourceLink::refuse(FetchId fetch) {
    if (left_.erase(fetch) == 0) return;
    std::erase_if(queue_, [fetch](const Part& part) { return part.fetch == fetch; });
    owner_.on_refused(id_, fetch);
}

void SourceLink::on_closed(ChunkConnection& wire, ChunkVerdict why, const Error* error) {
    const std::deque<Part> parts = std::move(of(wire).parts);
    const classic::ChunkForm form = wire.form();
    const bool was_connected = wire.connected();
    const std::string reason = error != nullptr ? error->message() : "it answered with something else";
    drop_connection(wire);
    const SourceCapacity before = capacity();
    const bool unknown = !dialect_.known() || (dialect_.probing() && form == classic::ChunkForm::plus);
    requeue(parts);
    if (why != ChunkVerdict::complete && !parts.empty()) {
        if (!was_connected) return fail_source(reason);
        if (unknown) {
            if (dialect_.did_not_work(form)) refuse(parts.front().fetch);
        } else if (why == ChunkVerdict::refused) {
            refuse(parts.front().fetch);
        } else {
            return fail_source(reason);
        }
    }
    if (before.bytes != capacity().bytes) tell_capacity();
    schedule_pump();
}

void SourceLink::fail_source(std::string reason) {
    const std::vector<FetchId> fetches = give_up();
    owner_.on_source_failed(id_, fetches, peer_.text() + ": " + std::move(reason));
}

}  // namespace spate::classic_peer
