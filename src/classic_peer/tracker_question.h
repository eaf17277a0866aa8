// TrackerQuestion: one request line and its reply on a connection of its own. The reader says when it has
// read enough; a time limit or the end of input ends it otherwise. Thread: the reactor's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "classic_peer/tracker_client.h"
#include "io/world.h"

namespace spate::classic_peer {

// Reads one reply and hands the answer on.
class TrackerReplyReader {
  public:
    virtual ~TrackerReplyReader() = default;
    // True: the reply is complete.
    virtual bool feed(Bytes bytes, TimePoint now) = 0;
    // No more bytes will come.
    virtual void end_of_input() = 0;
    // Called last, once: gives the answer, or this error if the reply was not even begun. May destroy the
    // question.
    virtual void answer(const Error* error) = 0;
};

class TrackerQuestion final : public Question, private io::StreamHandler {
  public:
    TrackerQuestion(io::World& world, const HostPort& tracker, Duration time_limit,
                    TrackerClient::Message message, std::unique_ptr<TrackerReplyReader> reader);

  private:
    void on_resolved(Result<std::vector<Address>> addresses);
    void connect_next();
    void on_connected(Result<std::unique_ptr<io::Stream>> stream);
    void on_readable() override;
    void on_writable() override;
    void send();
    void on_time_limit();
    void finish(const Error* error);

    io::World& world_;
    HostPort tracker_;
    TrackerClient::Message message_;
    std::unique_ptr<TrackerReplyReader> reader_;
    std::vector<Address> addresses_;  // still to try, the next one last
    std::string unsent_;
    bool any_bytes_ = false;
    Error last_error_;
    std::unique_ptr<io::Pending> pending_;
    std::unique_ptr<io::Stream> stream_;
    std::unique_ptr<io::Timer> timer_;
};

}  // namespace spate::classic_peer
