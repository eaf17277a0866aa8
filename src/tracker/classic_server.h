// ClassicServer: the classic tracker on its TCP port: accepts, keeps the limits, has requests answered. No
// thread a connection: ten thousand idle ones cost a table row, a stream and an unused framer each
// (bench/tracker measures it).
//
// Thread: the reactor's. Owner: the program; the catalogue outlives it.
#pragma once

#include <array>
#include <memory>
#include <unordered_map>
#include <vector>

#include "catalogue/catalogue_service.h"
#include "io/world.h"
#include "tracker/admission.h"
#include "tracker/classic_connection.h"
#include "tracker/classic_requests.h"
#include "tracker/deadlines.h"
#include "tracker/events.h"
#include "tracker/options.h"
#include "tracker/possession_checker.h"
#include "tracker/reply_budget.h"

namespace spate::tracker {

class ClassicServer final : private io::ListenerHandler, public ConnectionOwner {
  public:
    // Listens at once. Errors name the endpoint: EADDRINUSE, EACCES, EADDRNOTAVAIL.
    static Result<std::unique_ptr<ClassicServer>> open(io::World world, const Options& options,
                                                       catalogue::CatalogueService& catalogue,
                                                       Events& events);
    ~ClassicServer() override;

    // Where it listens, in the order of the options; ports of 0 are the ones chosen.
    std::vector<Endpoint> endpoints() const;
    std::size_t connections() const { return connections_.size(); }

  private:
    ClassicServer(io::World world, const Options& options, catalogue::CatalogueService& catalogue,
                  Events& events);

    void on_accept(std::unique_ptr<io::Stream> stream) override;
    void on_accept_error(const Error& error) override;

    TimePoint now() const override { return world_.reactor.now(); }
    MutableBytes scratch() override { return scratch_; }
    const ConnectionLimits& limits() const override { return options_.limits; }
    void set_deadline(ConnectionId id, TimePoint due) override;
    void answer(ClassicConnection& connection, const classic::TrackerRequest& request) override;
    void reply_waits(ConnectionId id, std::size_t bytes) override;
    void reply_done(ConnectionId id) override { replies_.remove(id); }
    void turned_away(const Endpoint& from, std::string_view why) override;
    void finished(ConnectionId id) override;

    void on_timer();

    io::World world_;
    Options options_;
    Events& events_;
    PossessionChecker checker_;
    ClassicRequests requests_;
    Admission admission_;
    Deadlines deadlines_;
    ReplyBudget replies_;
    std::unique_ptr<io::Timer> timer_;
    ConnectionId next_id_ = 1;
    std::unordered_map<ConnectionId, std::unique_ptr<ClassicConnection>> connections_;
    std::vector<std::unique_ptr<io::Listener>> listeners_;
    std::array<std::uint8_t, 16 * 1024> scratch_{};
};

}  // namespace spate::tracker
