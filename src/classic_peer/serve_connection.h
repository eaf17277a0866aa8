// ServeConnection: one peer that asks us for chunks, in any form and any number on one connection where the
// form allows it. Requests are answered in order. Back-pressure: it reads no further while `requests_max`
// requests or `output_max` bytes wait. Closes after a form that closes, at the end of input, and when nothing
// moved for `idle_timeout`. Owner: ChunkServer. Thread: the reactor's.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "classic/advertising_plan.h"
#include "classic/chunk_request.h"
#include "classic/request_framer.h"
#include "classic_peer/chunk_source.h"
#include "classic_peer/offer.h"
#include "io/world.h"

namespace spate::classic_peer {

class ServeConnection;

// A file that is shared; lives longer than the connections that ask for it.
struct Served {
    std::string key;  // its name in requests
    Offer offer;
    ChunkSource& source;
};

class ServeConnectionOwner {
  public:
    virtual ~ServeConnectionOwner() = default;
    // The file of that name; of requests that name none: the only one. Null: not shared.
    virtual Served* find_served(const std::optional<std::string>& name) = 0;
    // These bytes were given to the system's socket.
    virtual void on_sent(ServeConnection& connection, const std::vector<ByteRange>& ranges) = 0;
    // The bare dialect: a part begins.
    virtual void on_transferring(const std::string& sentence) = 0;
    virtual void on_file_broken(const Error& error) = 0;
    // Last; destroys it.
    virtual void on_over(ServeConnection& connection) = 0;
};

class ServeConnection final : private io::StreamHandler {
  public:
    static constexpr std::size_t requests_max = 512;
    static constexpr std::size_t output_max = 256 * 1024;
    static constexpr std::uint32_t line_max = 1024;
    static constexpr Duration linger = std::chrono::seconds(2);
    static constexpr Duration reading_time = std::chrono::seconds(10);

    // early: what was read of the stream before.
    ServeConnection(io::World& world, std::unique_ptr<io::Stream> stream, Bytes early, Duration idle_timeout,
                    ServeConnectionOwner& owner);
    ~ServeConnection() override;

    const Endpoint& remote() const { return remote_; }
    // What it last asked for; null: nothing that is shared.
    const Served* served() const { return served_; }
    // When bytes last came or went.
    TimePoint moved() const { return moved_; }
    // It asks for nothing now, or does not read what it asked for.
    bool may_give_way(TimePoint now) const {
        if (output_.empty()) return lines_.empty() && !fifth_ && !loading_;
        return now - moved_ >= reading_time;
    }
    // The offer grew: an original program may wait for it.
    void offer_changed();

  private:
    struct Fifth {  // of the bare dialect: file1 to file5
        classic::AdvertisingPlan plan;
        int part = 0;
        ByteRange left;
        bool begun = false;
    };

    void on_readable() override;
    void on_writable() override;
    void on_timer();
    void pump();
    void pump_later();
    bool answer_next();
    bool answer(const classic::ChunkRequest& request);
    bool send_fifth();
    void refuse(classic::ChunkForm form, const std::string& why);
    bool provide(ByteRange range, std::string& out);
    void flush();
    void finish_output();
    void arm();
    void read_on();
    void over();

    io::World& world_;
    std::unique_ptr<io::Stream> stream_;
    Endpoint remote_;
    Served* served_ = nullptr;  // what the request under way is about
    Duration idle_timeout_;
    ServeConnectionOwner& owner_;
    classic::RequestFramer framer_{line_max};
    std::vector<classic::FramedRequest> framed_;
    std::deque<std::string> lines_;
    std::optional<Fifth> fifth_;
    std::string output_;
    std::size_t sent_ = 0;  // of output_
    std::vector<ByteRange> in_output_;
    TimePoint moved_;
    bool loading_ = false;
    bool last_reply_ = false;  // nothing more will be answered
    bool lingering_ = false;
    bool input_over_ = false;
    bool reading_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::unique_ptr<io::Timer> timer_;
};

}  // namespace spate::classic_peer
