#include "engine/announce_schedule.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace spate::engine {

struct AnnounceSlot::Host {
    std::string name;
    std::list<AnnounceSlot*> last_words;  // go first
    std::list<AnnounceSlot*> usual;
    std::size_t asking = 0;
    bool ready = false;  // in ready_

    bool anybody() const { return !last_words.empty() || !usual.empty(); }
};

AnnounceSlot::~AnnounceSlot() {
    schedule_.leave(*this);
}

AnnounceSchedule::AnnounceSchedule(io::Reactor& reactor, unsigned sessions)
    : reactor_(reactor),
      most_(in_flight_max / sessions),
      most_of_host_(per_host_max / sessions),
      timer_(reactor.make_timer([this] { run(); })) {
    SPATE_ASSERT(most_of_host_ > 0);
}

AnnounceSchedule::~AnnounceSchedule() = default;

void AnnounceSchedule::at(AnnounceSlot& slot, TimePoint due, Urgency urgency) {
    slot.urgent_ = urgency == Urgency::last_words;
    if (slot.phase_ == AnnounceSlot::Phase::queued && due <= reactor_.now() && !slot.urgent_) return;
    leave(slot);
    if (due == never) return;
    slot.phase_ = AnnounceSlot::Phase::timed;
    slot.due_ = due;
    slot.order_ = next_order_++;
    timed_.emplace(std::pair(due, slot.order_), &slot);
    arm();
}

void AnnounceSchedule::leave(AnnounceSlot& slot) {
    switch (std::exchange(slot.phase_, AnnounceSlot::Phase::out)) {
        case AnnounceSlot::Phase::out:
            return;
        case AnnounceSlot::Phase::timed:
            timed_.erase(std::pair(slot.due_, slot.order_));
            return;
        case AnnounceSlot::Phase::queued:
            (slot.queued_first_ ? slot.host_->last_words : slot.host_->usual).erase(slot.place_);
            break;
        case AnnounceSlot::Phase::asking:
            --in_flight_;
            --slot.host_->asking;
            break;
    }
    Host& host = *std::exchange(slot.host_, nullptr);
    offer(host);
    drop_if_unused(host);
    arm();
}

bool AnnounceSchedule::has_room(const Host& host) const {
    return host.asking < (host.last_words.empty() ? most_of_host_ : most_);
}

void AnnounceSchedule::offer(Host& host) {
    if (host.ready || !host.anybody() || !has_room(host)) return;
    host.ready = true;
    ready_.push_back(&host);
}

void AnnounceSchedule::drop_if_unused(Host& host) {
    if (host.asking > 0 || host.anybody()) return;
    if (host.ready) std::erase(ready_, &host);
    hosts_.erase(hosts_.find(host.name));
}

void AnnounceSchedule::arm() {
    TimePoint next = timed_.empty() ? never : timed_.begin()->first.first;
    if (!ready_.empty() && in_flight_ < most_) next = reactor_.now();
    if (next == never)
        timer_->disarm();
    else
        timer_->arm(next);
}

void AnnounceSchedule::queue(AnnounceSlot& slot) {
    const std::string name = slot.announce_host();
    if (name.empty()) return;
    SPATE_ASSERT(slot.phase_ == AnnounceSlot::Phase::out);
    auto& host = hosts_[name];
    if (!host) {
        host = std::make_unique<Host>();
        host->name = name;
    }
    slot.phase_ = AnnounceSlot::Phase::queued;
    slot.host_ = host.get();
    slot.queued_first_ = slot.urgent_;
    auto& line = slot.urgent_ ? host->last_words : host->usual;
    slot.place_ = line.insert(line.end(), &slot);
    offer(*host);
}

void AnnounceSchedule::run() {
    const TimePoint now = reactor_.now();
    // What is set while it runs comes with the next turn.
    const std::uint64_t end = next_order_;
    while (!timed_.empty() && timed_.begin()->first.first <= now && timed_.begin()->first.second < end) {
        AnnounceSlot& slot = *timed_.begin()->second;
        timed_.erase(timed_.begin());
        slot.phase_ = AnnounceSlot::Phase::out;
        queue(slot);
    }
    while (!ready_.empty() && in_flight_ < most_) {
        Host& host = *ready_.front();
        ready_.pop_front();
        host.ready = false;
        if (!host.anybody() || !has_room(host)) continue;
        auto& line = host.last_words.empty() ? host.usual : host.last_words;
        AnnounceSlot& slot = *line.front();
        line.pop_front();
        slot.phase_ = AnnounceSlot::Phase::asking;
        ++in_flight_;
        ++host.asking;
        offer(host);
        slot.on_announce();
    }
    arm();
}

}  // namespace spate::engine
