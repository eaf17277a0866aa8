// ChunkConnection: asks one peer for chunks on one TCP connection. In the forms that close, it carries one
// chunk; in `plus`, any number, pipelined: requests queued in one turn leave in one write.
//
// Its end comes exactly once (on_closed), never from inside a call; destroying it earlier gives everything
// up. Each chunk must come within `chunk_timeout` of the one before it (of the connection's begin for the
// first): that bounds dead, silent and trickling peers alike. A raw reply whose peer does not close counts
// after `close_grace`. Limits: pipeline_max requests. Owner: SourceLink. Thread: the reactor's.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "classic/chunk_client.h"
#include "io/world.h"

namespace spate::classic_peer {

class ChunkConnection;

class ChunkConnectionOwner {
  public:
    virtual ~ChunkConnectionOwner() = default;
    // In the order asked. Verdict complete or refused; data only when complete.
    virtual void on_chunk(ChunkConnection& connection, ByteRange asked, classic::ChunkVerdict verdict,
                          std::string_view data, Duration delay) = 0;
    // It is over. `why`: complete for a good end, or the verdict that ended it; `error`: what the network
    // said, if it was that. Destroys the connection.
    virtual void on_closed(ChunkConnection& connection, classic::ChunkVerdict why, const Error* error) = 0;
};

struct ChunkConnectionLimits {
    Duration chunk_timeout = std::chrono::seconds(10);
    Duration close_grace = std::chrono::milliseconds(250);
    std::size_t pipeline_max = 512;
};

class ChunkConnection final : private io::StreamHandler {
  public:
    ChunkConnection(io::World& world, const Endpoint& peer, classic::ChunkForm form,
                    ChunkConnectionLimits limits, ChunkConnectionOwner& owner);

    // A form that closes: exactly one, before anything else. `plus`: while !full().
    void ask(classic::ChunkAsk ask);
    bool full() const { return asked_at_.size() >= (pipelined() ? limits_.pipeline_max : 1); }
    classic::ChunkForm form() const { return form_; }
    bool connected() const { return stream_ != nullptr; }

  private:
    bool pipelined() const { return form_ == classic::ChunkForm::plus; }
    void on_connected(Result<std::unique_ptr<io::Stream>> stream);
    void on_readable() override;
    void on_writable() override;
    void schedule_send();
    void send();
    void take(Bytes bytes);
    void take_single(Bytes bytes);
    void at_end();
    void on_timer();
    void deliver(const std::vector<classic::ChunkReplyPipeline::Outcome>& outcomes);
    void settle_single();
    void close(classic::ChunkVerdict why, const Error* error);
    void arm();

    io::World& world_;
    classic::ChunkForm form_;
    ChunkConnectionLimits limits_;
    ChunkConnectionOwner& owner_;
    classic::ChunkReplyPipeline pipeline_;
    std::unique_ptr<classic::ChunkReplyReader> single_;
    std::deque<TimePoint> asked_at_;
    std::string unsent_;
    bool send_scheduled_ = false;
    bool waiting_close_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::unique_ptr<io::Pending> pending_;
    std::unique_ptr<io::Stream> stream_;
    std::unique_ptr<io::Timer> timer_;

  public:
    ~ChunkConnection() override { *alive_ = false; }
};

}  // namespace spate::classic_peer
