// FrontConnection: what every TCP connection of the tracker does, whatever its language: it reads into the
// front's scratch buffer, writes one reply at a time, keeps its deadline, and closes in a way that lets the
// client read what it was told.
//
//   reading ──request──> answering ──reply──> writing ──> lingering ──> finished
//      ^                                         │ (stays open)
//      └─────────────────────────────────────────┘
//
// An idle one holds no buffer. Thread: the reactor's. Owner: TcpFront.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "io/stream.h"
#include "tracker/deadlines.h"
#include "tracker/first_bytes.h"
#include "tracker/options.h"

namespace spate::tracker {

class FrontConnection;

using ReplyText = std::shared_ptr<const std::string>;

// What a connection needs of the front it came through.
class Front {
  public:
    virtual ~Front() = default;
    virtual TimePoint now() const = 0;
    virtual MutableBytes scratch() = 0;
    virtual const ConnectionLimits& limits() const = 0;
    virtual void set_deadline(ConnectionId id, TimePoint due) = 0;
    // The connection of that id, null when it is gone.
    virtual FrontConnection* find(ConnectionId id) = 0;
    // A reply of so many bytes waits for its reader; others may have to go for it.
    virtual void reply_waits(ConnectionId id, std::size_t bytes) = 0;
    virtual void reply_done(ConnectionId id) = 0;
    virtual void turned_away(const Endpoint& from, std::string_view why) = 0;
    // The first bytes have told the language: another connection goes on with the stream and what was read
    // of it. Destroys the caller, which returns at once.
    virtual void hand_over(ConnectionId id, Language language, std::unique_ptr<io::Stream> stream,
                           Bytes early, TimePoint arrived) = 0;
    // Destroys the connection: the caller returns at once.
    virtual void finished(ConnectionId id) = 0;
};

class FrontConnection : public io::StreamHandler {
  public:
    FrontConnection(Front& front, ConnectionId id, std::unique_ptr<io::Stream> stream);

    // Begins with what was read before, which came at `arrived`. May end with its destruction, as all below.
    void start(Bytes early, TimePoint arrived);
    void on_readable() final;
    void on_writable() final;
    // The deadline that was set has come.
    void on_deadline();
    // It must go: others need the memory or the place that it holds.
    bool may_be_dropped() const { return !answering(); }
    void drop(std::string_view why);

    ConnectionId id() const { return id_; }
    const Endpoint& remote() const { return remote_; }

  protected:
    // While reading. Each ends with one of the calls below.
    virtual void on_bytes(Bytes bytes, TimePoint arrived) = 0;
    virtual void on_input_end() = 0;
    virtual void on_reading_due(TimePoint now) = 0;
    virtual void on_reply_sent() = 0;

    void read_on(TimePoint deadline);
    // As reading, but nothing is read until then.
    void pause(TimePoint until);
    void begin_answering();  // without a deadline: who answers has limits of its own
    void send(ReplyText reply);
    void close_politely();
    void finish(std::string_view why_turned_away = {});
    void become(Language language, Bytes early, TimePoint arrived);

    Front& front() { return front_; }
    bool answering() const { return state_ == State::answering; }
    bool input_ended() const { return input_ended_; }
    // A few bytes that must not wait; false: they did not fit.
    bool write_now(std::string_view text);

  private:
    enum class State : std::uint8_t { reading, answering, writing, lingering };

    void read();
    void write_reply();
    void linger();

    Front& front_;
    ConnectionId id_;
    std::unique_ptr<io::Stream> stream_;
    Endpoint remote_;
    State state_ = State::reading;
    bool input_ended_ = false;
    bool reply_waits_ = false;
    TimePoint reading_due_ = never;
    ReplyText reply_;
    std::size_t written_ = 0;
    std::size_t lingered_ = 0;
};

}  // namespace spate::tracker
