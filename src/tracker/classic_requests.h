// ClassicRequests: what each classic request does: asks the catalogue, has possession checked, words the
// reply, tells the events. Rules: docs/protocols/classic.md. Thread: the reactor's. Owner: TrackerServer.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/endpoint.h"
#include "catalogue/catalogue_service.h"
#include "classic/tracker_request.h"
#include "tracker/events.h"
#include "tracker/possession_checker.h"

namespace spate::tracker {

// A reply, ready for one write.
struct Answered {
    std::shared_ptr<const std::string> text;
    bool keep_open = false;  // the bare dialect goes on on the same connection
};
using OnAnswered = std::move_only_function<void(Answered)>;

class ClassicRequests {
  public:
    ClassicRequests(catalogue::CatalogueService& catalogue, PossessionChecker& checker, Events& events)
        : catalogue_(catalogue), checker_(checker), events_(events) {}

    // `on_answered` runs once, now or later; not after this is destroyed.
    void answer(const Endpoint& from, const classic::TrackerRequest& request, OnAnswered on_answered);

  private:
    void create(const Endpoint& from, const classic::CreateTracker& request, OnAnswered on_answered);
    void store_entry(const Endpoint& from, const classic::CreateTracker& request, const Finding& finding,
                     OnAnswered on_answered);
    void update(const Endpoint& from, const classic::UpdateTracker& request, OnAnswered on_answered);
    void get(const Endpoint& from, const classic::GetTrackerFile& request, OnAnswered on_answered);
    void bare_tracker(const Endpoint& from, OnAnswered on_answered);
    void refuse(const Endpoint& from, const classic::BadRequest& request, OnAnswered on_answered);

    catalogue::CatalogueService& catalogue_;
    PossessionChecker& checker_;
    Events& events_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // callbacks of the catalogue look at it
};

}  // namespace spate::tracker
