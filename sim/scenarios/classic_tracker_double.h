// A classic tracker for the tests of the peers that may lie and forget: it says what the test has put on its
// board, which survives its kill, and believes everybody. The scenarios run the real one (classic_tracker.h).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/range_set.h"
#include "classic/tracker_file.h"
#include "classic/tracker_request.h"
#include "io/world.h"

namespace spate::sim {

struct TrackerBoard {
    std::map<std::string, classic::TrackerFile> files;
    std::uint64_t gets = 0;
    std::function<void(const std::string& host, std::uint16_t port, ByteRange)> on_claim = [](auto&, auto,
                                                                                              auto) {};
};

class TrackerDouble final : public io::ListenerHandler {
  public:
    TrackerDouble(io::World& world, std::uint16_t port, std::shared_ptr<TrackerBoard> board);
    ~TrackerDouble() override;
    void on_accept(std::unique_ptr<io::Stream> stream) override;
    void on_accept_error(const Error&) override {}

  private:
    class Session;
    void over(Session* session);
    std::string reply_to(const std::string& line);
    std::string create(const classic::CreateTracker& request);
    std::string update(const classic::UpdateTracker& request);

    io::World& world_;
    std::shared_ptr<TrackerBoard> board_;
    std::unique_ptr<io::Listener> listener_;
    std::map<Session*, std::unique_ptr<Session>> sessions_;
};

}  // namespace spate::sim
