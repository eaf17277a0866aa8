#include "classic_peer/arbitrating.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"

namespace spate::classic_peer {
namespace {

constexpr int failures_max = 3;
constexpr Duration patience = std::chrono::seconds(5);  // for one copy
constexpr FetchId first_fetch = FetchId{1} << 32;       // never those of the fetching phase

std::vector<std::uint64_t> borders_of(const Download& download) {
    std::vector<std::uint64_t> borders;
    for (std::size_t i = 0; i < download.source_count(); ++i) {
        for (const ByteRange& range : download.claims(static_cast<SourceId>(i)).ranges()) {
            borders.push_back(range.start);
            borders.push_back(range.end);
        }
    }
    return borders;
}

}  // namespace

Arbitrating::Arbitrating(io::World& world, const FileIdentity& file, Download& download, SourceLinks& links,
                         PartFile& part, Rng& rng, Handlers handlers)
    : world_(world),
      file_(file),
      download_(download),
      links_(links),
      part_(part),
      rng_(rng),
      handlers_(std::move(handlers)),
      arbitration_(file.size, download.attribution(), borders_of(download)),
      next_fetch_(first_fetch),
      timer_(world.reactor.make_timer([this] { pump(); })) {
    links_.set_sink(*this);
    schedule_pump();
}

void Arbitrating::schedule_pump() {
    timer_->arm(world_.reactor.now());
}

void Arbitrating::claims_changed() {
    arbitration_.claims_changed();
    stuck_ = false;
    schedule_pump();
}

// By source; empty for those that are not to be asked now, or, with `responsive`, whose copies are not waited
// for.
std::vector<RangeSet> Arbitrating::claims_now(bool responsive) const {
    const TimePoint now = world_.reactor.now();
    std::vector<RangeSet> claims(download_.source_count());
    for (std::size_t i = 0; i < claims.size(); ++i) {
        const auto id = static_cast<SourceId>(i);
        const auto trust = trust_.find(id);
        const bool left_out = trust != trust_.end() && trust->second.failures >= failures_max &&
                              (responsive || trust->second.retry_at > now);
        if (!download_.banned(id) && !left_out) claims[i] = download_.claims(id);
    }
    return claims;
}

void Arbitrating::ask_all() {
    const TimePoint now = world_.reactor.now();
    const std::vector<RangeSet> claims = claims_now(false);
    for (std::size_t i = 0; i < claims.size(); ++i) {
        const auto id = static_cast<SourceId>(i);
        Trust& trust = trust_[id];
        if (trust.busy || trust.retry_at > now) continue;
        const auto wanted = arbitration_.next_copy(id, claims[i]);
        if (!wanted) continue;
        trust.busy = true;
        trust.asked_at = now;
        copies_.emplace(next_fetch_, Copy{*wanted, id, {}, true});
        links_.fetch({next_fetch_++, id, wanted->range});
    }
}

// A source that answers may still answer. Arms the timer for the moment when that, or a pause, is over.
bool Arbitrating::wait_for_copies() {
    const TimePoint now = world_.reactor.now();
    TimePoint next = never;
    bool waits = false;
    for (auto& [id, trust] : trust_) {
        if (trust.busy && trust.failures < failures_max) {
            const TimePoint patient_until = trust.asked_at + patience;
            if (patient_until <= now) {
                trust.failures = failures_max;  // it goes on, but nobody waits for it
                continue;
            }
            waits = true;
            next = std::min(next, patient_until);
        } else if (!trust.busy && trust.retry_at > now) {
            next = std::min(next, trust.retry_at);
        }
    }
    timer_->arm(next);
    return waits;
}

void Arbitrating::pump() {
    ask_all();
    if (wait_for_copies() || jobs_ > 0 || stuck_) return;
    if (arbitration_.collected(claims_now(true))) try_choice();
}

void Arbitrating::try_choice() {
    auto choice = arbitration_.next_choice();
    if (!choice) {
        if (arbitration_.next_round(claims_now(true))) return schedule_pump();
        stuck_ = true;
        return handlers_.on_stuck();
    }
    ++jobs_;
    const auto shared = std::make_shared<Arbitration::Choice>(std::move(*choice));
    part_.run<hash::Md5>([shared](PartStore& store) { return store.md5(*shared); },
                         [this, shared](Result<hash::Md5> md5) {
                             --jobs_;
                             if (!md5) return handlers_.on_error(md5.error());
                             if (to_hex(*md5) == file_.md5) return take_choice(std::move(*shared));
                             schedule_pump();
                         });
}

void Arbitrating::take_choice(Arbitration::Choice choice) {
    ++jobs_;
    part_.run<bool>(
        [choice = std::move(choice)](PartStore& store) -> Result<bool> {
            if (auto applied = store.apply(choice); !applied) return fail(applied.error());
            return true;
        },
        [this](Result<bool> applied) {
            links_.give_up_all();
            timer_->disarm();
            if (!applied) return handlers_.on_error(applied.error());
            handlers_.on_resolved(arbitration_.resolve());
        });
}

void Arbitrating::on_fetched(FetchId fetch, ByteRange range, std::string_view data) {
    const auto it = copies_.find(fetch);
    Copy& copy = it->second;
    copy.whole = copy.whole && range.start == copy.wanted.range.start + copy.bytes.size();
    copy.bytes += data;
    if (range.end < copy.wanted.range.end) return;
    Trust& trust = trust_[copy.source];
    trust.busy = false;
    trust.failures = 0;
    trust.backoff.reset();
    if (std::exchange(stuck_, false)) arbitration_.claims_changed();
    if (copy.whole)
        compare(std::move(copy));
    else
        arbitration_.copy_failed(copy.wanted.segment, copy.source);
    copies_.erase(it);
    schedule_pump();
}

void Arbitrating::compare(Copy copy) {
    ++jobs_;
    const hash::Md5 md5 = hash::md5(as_bytes(copy.bytes));
    part_.run<hash::Md5>([range = copy.wanted.range](PartStore& store) { return store.md5_of(range); },
                         [this, copy = std::move(copy), md5](Result<hash::Md5> held) mutable {
                             --jobs_;
                             if (!held) return handlers_.on_error(held.error());
                             const auto slot =
                                 arbitration_.copy_arrived(copy.wanted.segment, copy.source, md5, *held);
                             if (slot) keep(*slot, std::move(copy.bytes));
                             schedule_pump();
                         });
}

void Arbitrating::keep(Arbitration::Slot slot, std::string bytes) {
    ++jobs_;
    part_.run<bool>(
        [slot, bytes = std::move(bytes)](PartStore& store) -> Result<bool> {
            if (auto kept = store.keep_variant(slot, as_bytes(bytes)); !kept) return fail(kept.error());
            return true;
        },
        [this](Result<bool> kept) {
            --jobs_;
            if (!kept) return handlers_.on_error(kept.error());
            schedule_pump();
        });
}

void Arbitrating::on_refused(SourceId source, FetchId fetch) {
    const auto it = copies_.find(fetch);
    arbitration_.copy_failed(it->second.wanted.segment, source);
    copies_.erase(it);
    not_delivered(source);
}

void Arbitrating::on_source_failed(SourceId source, const std::vector<FetchId>& fetches, std::string) {
    for (const FetchId fetch : fetches) {
        const auto it = copies_.find(fetch);
        arbitration_.copy_given_back(it->second.wanted.segment, source);
        copies_.erase(it);
    }
    not_delivered(source);
}

void Arbitrating::not_delivered(SourceId source) {
    Trust& trust = trust_[source];
    trust.busy = false;
    ++trust.failures;
    trust.retry_at = world_.reactor.now() + trust.backoff.next(rng_);
    schedule_pump();
}

}  // namespace spate::classic_peer
