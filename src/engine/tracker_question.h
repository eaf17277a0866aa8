// TrackerQuestion: one announce to one tracker over one IP family, by HTTP or UDP as its URL says. `done`
// runs once, never from inside ask_tracker, and may destroy the question; destroying it gives it up. The
// tracker's addresses are judged (address_rules.h). Thread: the reactor's.
#pragma once

#include <functional>
#include <memory>
#include <variant>

#include "announce/announce.h"
#include "base/result.h"
#include "base/rng.h"
#include "http/url.h"
#include "io/world.h"

namespace spate::engine {

class UdpConnections;

using AnnounceAnswer = std::variant<announce::AnnounceReply, announce::Failure>;
using AnnounceDone = std::move_only_function<void(Result<AnnounceAnswer>)>;

class TrackerQuestion {
  public:
    virtual ~TrackerQuestion() = default;
    // The address that answered.
    virtual Address asked() const = 0;
    // The tracker may have heard the announce.
    virtual bool was_heard() const = 0;
};

struct TrackerAddress {
    http::Url url;
    announce::IpFamily family = announce::IpFamily::v4;
};

// A host without an address of that family: address_family_not_supported. `rng` and `udp` outlive the
// question.
[[nodiscard]] std::unique_ptr<TrackerQuestion> ask_tracker(io::World& world, Rng& rng, UdpConnections& udp,
                                                           const TrackerAddress& tracker,
                                                           const announce::AnnounceRequest& request,
                                                           Duration time_limit, AnnounceDone done);

}  // namespace spate::engine
