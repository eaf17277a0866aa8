#include "engine/tracker_question.h"

#include "engine/tracker_http.h"
#include "engine/tracker_udp.h"

namespace spate::engine {

std::unique_ptr<TrackerQuestion> ask_tracker(io::World& world, Rng& rng, UdpConnections& udp,
                                             const TrackerAddress& tracker,
                                             const announce::AnnounceRequest& request, Duration time_limit,
                                             AnnounceDone done) {
    if (tracker.url.scheme == "udp")
        return std::make_unique<UdpTrackerQuestion>(world, rng, udp, tracker, request, time_limit,
                                                    std::move(done));
    return std::make_unique<HttpTrackerQuestion>(world, tracker, request, time_limit, std::move(done));
}

}  // namespace spate::engine
