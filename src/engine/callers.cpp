#include "engine/callers.h"

#include "engine/torrent.h"

namespace spate::engine {

bool Callers::arrive(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs) {
    if (full()) return false;
    arrivals_.push_back({std::move(stream), theirs});
    return true;
}

bool Callers::add_named(const Endpoint& peer) {
    if (named_.size() >= arrivals_max) return false;
    named_.push_back(peer);
    return true;
}

bool Callers::add_told(const Endpoint& peer, const Address& tracker) {
    if (told_.size() >= told_max) return false;
    told_.emplace_back(peer, tracker);
    return true;
}

void Callers::meet(Torrent& torrent) {
    for (const auto& [peer, tracker] : told_) torrent.add_peer(peer, swarm::PeerSource::tracker, tracker);
    for (const Endpoint& peer : named_) torrent.add_peer(peer, swarm::PeerSource::user, Address::loopback());
    for (Arrival& arrival : arrivals_) torrent.adopt(std::move(arrival.stream), arrival.theirs);
    for (Task& task : tasks_) task(&torrent);
}

void Callers::dismiss(const Error& why) {
    for (Task& task : tasks_) task(fail(why));
}

}  // namespace spate::engine
