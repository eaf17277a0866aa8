// ClassicConnection: the bytes of one classic client. Reads one request, has it answered, writes the reply,
// and closes in a way that lets the client read it; in the bare dialect it stays open for the next request.
//
//   reading ──request──> answering ──reply──> writing ──> lingering ──> finished
//      ^                                         │ (bare dialect)
//      └─────────────────────────────────────────┘
//
// An idle one holds no buffer: bytes are read into the server's scratch buffer. Thread: the reactor's. Owner:
// ClassicServer.
#pragma once

#include <memory>
#include <string>

#include "classic/request_framer.h"
#include "io/stream.h"
#include "tracker/classic_requests.h"
#include "tracker/deadlines.h"
#include "tracker/options.h"

namespace spate::tracker {

class ClassicConnection;

// What a connection needs of its server.
class ConnectionOwner {
  public:
    virtual ~ConnectionOwner() = default;
    virtual TimePoint now() const = 0;
    virtual MutableBytes scratch() = 0;
    virtual const ConnectionLimits& limits() const = 0;
    virtual void set_deadline(ConnectionId id, TimePoint due) = 0;
    // // Has the request answered: the reply comes to the connection's take_reply(), maybe from inside this
    // call, which may end with the connection's destruction.
    virtual void answer(ClassicConnection& connection, const classic::TrackerRequest& request) = 0;
    // A reply of so many bytes waits for its reader; others may have to go for it.
    virtual void reply_waits(ConnectionId id, std::size_t bytes) = 0;
    virtual void reply_done(ConnectionId id) = 0;
    virtual void turned_away(const Endpoint& from, std::string_view why) = 0;
    // Destroys the connection: the caller returns at once.
    virtual void finished(ConnectionId id) = 0;
};

class ClassicConnection final : public io::StreamHandler {
  public:
    ClassicConnection(ConnectionOwner& owner, ConnectionId id, std::unique_ptr<io::Stream> stream);

    void start();
    void on_readable() override;
    void on_writable() override;
    // The deadline that was set has come.
    void on_deadline();
    void take_reply(Answered answered);
    // It must go: others need the memory its reply holds.
    void drop();

    ConnectionId id() const { return id_; }
    const Endpoint& remote() const { return remote_; }

  private:
    enum class State : std::uint8_t { reading, answering, writing, lingering };

    void read_request();
    void requests_arrived(std::vector<classic::FramedRequest> requests);
    void answer_next();
    void write_reply();
    void reply_written();
    void linger();
    void finish(std::string_view why_turned_away = {});
    void set_reading_deadline();

    ConnectionOwner& owner_;
    ConnectionId id_;
    std::unique_ptr<io::Stream> stream_;
    Endpoint remote_;
    classic::RequestFramer framer_;
    State state_ = State::reading;
    bool input_ended_ = false;
    TimePoint give_up_ = never;  // the limit of the present state
    std::vector<classic::FramedRequest>
        waiting_;  // the bare dialect may send some at once; the first is next
    Answered reply_;
    bool reply_waits_ = false;
    std::size_t written_ = 0;
    std::size_t lingered_ = 0;
};

}  // namespace spate::tracker
