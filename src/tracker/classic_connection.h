// ClassicConnection: one classic client: cuts what it sends into requests, has them answered, and closes; in
// the bare dialect it stays open for the next request. Thread: the reactor's. Owner: TcpFront.
#pragma once

#include <memory>
#include <vector>

#include "classic/request_framer.h"
#include "tracker/classic_requests.h"
#include "tracker/front_connection.h"

namespace spate::tracker {

class ClassicConnection final : public FrontConnection {
  public:
    ClassicConnection(Front& front, ConnectionId id, std::unique_ptr<io::Stream> stream,
                      ClassicRequests& requests);

  private:
    void on_bytes(Bytes bytes, TimePoint arrived) override;
    void on_input_end() override;
    void on_reading_due(TimePoint now) override;
    void on_reply_sent() override;

    void requests_arrived(std::vector<classic::FramedRequest> requests);
    void answer_next();
    void take_reply(Answered answered);
    void wait_for_more();

    ClassicRequests& requests_;
    classic::RequestFramer framer_;
    TimePoint give_up_;
    std::vector<classic::FramedRequest>
        waiting_;  // the bare dialect may send some at once; the first is next
    bool keep_open_ = false;
};

}  // namespace spate::tracker
