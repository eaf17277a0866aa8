#include "tracker/classic_requests.h"

#include <utility>

#include "base/printable.h"
#include "classic/tracker_reply.h"

namespace spate::tracker {

namespace {

std::shared_ptr<const std::string> reply(std::string text) {
    return std::make_shared<const std::string>(std::move(text));
}

std::string describe(const catalogue::Outcome& outcome) {
    static constexpr const char* words[] = {"succ", "ferr", "fail"};
    const std::string word = words[static_cast<std::size_t>(outcome.answer)];
    return outcome.reason.empty() ? word : word + ": " + printable(outcome.reason);
}

catalogue::Verification verification_of(const Finding& finding, Possession mode) {
    if (mode == Possession::off) return catalogue::Verification::unchecked;
    return finding.kind == Finding::Kind::verified ? catalogue::Verification::verified
                                                   : catalogue::Verification::unverified;
}

// No byte behind the last one: a peer that has nothing, said by itself.
bool withdraws(const Endpoint& from, const classic::UpdateTracker& request, const catalogue::Entry* entry) {
    return entry != nullptr && entry->size > 0 && request.start == entry->size &&
           request.end == entry->size && request.host == from.address.unmapped().text();
}

}  // namespace

void ClassicRequests::answer(const Endpoint& from, const classic::TrackerRequest& request,
                             OnAnswered on_answered) {
    struct Visitor {
        ClassicRequests& self;
        const Endpoint& from;
        OnAnswered& done;
        void operator()(const classic::CreateTracker& r) { self.create(from, r, std::move(done)); }
        void operator()(const classic::UpdateTracker& r) { self.update(from, r, std::move(done)); }
        void operator()(const classic::GetTrackerFile& r) { self.get(from, r, std::move(done)); }
        void operator()(const classic::BadRequest& r) { self.refuse(from, r, std::move(done)); }
        void operator()(const classic::BareTracker&) { self.bare_tracker(from, std::move(done)); }
        void operator()(const classic::ListRequest&) {
            self.events_.on_answered(from, "REQ LIST", "sent");
            done({self.catalogue_.list_reply()});
        }
        void operator()(const classic::BareList&) {
            const auto text = self.catalogue_.bare_list();
            self.events_.on_answered(from, "LIST", text);
            done({reply(std::string(text)), true});
        }
    };
    std::visit(Visitor{*this, from, on_answered}, request);
}

void ClassicRequests::create(const Endpoint& from, const classic::CreateTracker& request,
                             OnAnswered on_answered) {
    if (const auto refusal = catalogue_.refusal(request, from.address)) {
        events_.on_answered(from, "createtracker " + printable(request.name), describe(*refusal));
        return on_answered({reply(classic::write_create_reply(refusal->answer))});
    }
    if (checker_.options().mode == Possession::off) {
        return store_entry(from, request, Finding{}, std::move(on_answered));
    }
    checker_.check(request, from.address,
                   [this, from, request, done = std::move(on_answered)](const Finding& finding) mutable {
                       const bool strict = checker_.options().mode == Possession::require;
                       if (finding.kind == Finding::Kind::refused ||
                           (strict && finding.kind != Finding::Kind::verified)) {
                           events_.on_answered(from, "createtracker " + printable(request.name),
                                               "fail: possession not shown: " + finding.reason);
                           return done({reply(classic::write_create_reply(classic::Outcome::fail))});
                       }
                       store_entry(from, request, finding, std::move(done));
                   });
}

void ClassicRequests::store_entry(const Endpoint& from, const classic::CreateTracker& request,
                                  const Finding& finding, OnAnswered on_answered) {
    const auto verification = verification_of(finding, checker_.options().mode);
    catalogue_.create(request, from.address, verification,
                      [this, alive = std::weak_ptr(alive_), from, name = printable(request.name), finding,
                       done = std::move(on_answered)](const catalogue::Outcome& outcome) mutable {
                          if (alive.expired()) return;
                          std::string text = describe(outcome);
                          if (outcome.answer == catalogue::Answer::succ && !finding.reason.empty())
                              text += ", unverified: " + finding.reason;
                          events_.on_answered(from, "createtracker " + name, text);
                          done({reply(classic::write_create_reply(outcome.answer))});
                      });
}

void ClassicRequests::update(const Endpoint& from, const classic::UpdateTracker& request,
                             OnAnswered on_answered) {
    std::string what = "updatetracker " + printable(request.name) + " " + std::to_string(request.start) +
                       " " + std::to_string(request.end);
    auto stored = [this, alive = std::weak_ptr(alive_), from, what = std::move(what), name = request.name,
                   done = std::move(on_answered)](const catalogue::Outcome& outcome) mutable {
        if (alive.expired()) return;
        events_.on_answered(from, what, describe(outcome));
        done({reply(classic::write_update_reply(name, outcome.answer))});
    };
    if (withdraws(from, request, catalogue_.find(request.name)))
        return catalogue_.withdraw(request, std::move(stored));
    catalogue_.update(request, std::move(stored));
}

void ClassicRequests::get(const Endpoint& from, const classic::GetTrackerFile& request,
                          OnAnswered on_answered) {
    const auto text = catalogue_.get_reply(request.raw_name);  // it knows about ".track"
    events_.on_answered(from, "GET " + printable(request.raw_name),
                        text == nullptr ? "invalid: no such entry" : "sent");
    on_answered({text == nullptr ? reply(classic::write_get_invalid()) : text});
}

void ClassicRequests::bare_tracker(const Endpoint& from, OnAnswered on_answered) {
    catalogue_.bare_tracker(from.address,
                            [this, alive = std::weak_ptr(alive_), from,
                             done = std::move(on_answered)](const catalogue::Outcome& outcome) mutable {
                                if (alive.expired()) return;
                                events_.on_answered(from, "TRACKER", describe(outcome));
                                const bool stored = outcome.answer == catalogue::Answer::succ;
                                done({reply(stored ? std::string(classic::bare_tracker_reply)
                                                   : classic::write_create_reply(outcome.answer)),
                                      stored});
                            });
}

void ClassicRequests::refuse(const Endpoint& from, const classic::BadRequest& request,
                             OnAnswered on_answered) {
    events_.on_answered(from, "a bad request", "refused: " + request.reason);
    on_answered({reply(classic::write_bad_request_reply(request))});
}

}  // namespace spate::tracker
