// HttpConnection: one HTTP client: requests one after the other, pipelined or not, answered in order; kept
// open as HTTP/1.1 has it. Limits: http/limits.h for the head, the handler's for a body. A whole request has
// request_time_max, and a second more for every reply_rate_min bytes. Thread: the reactor's. Owner: TcpFront.
#pragma once

#include <memory>
#include <string>

#include "http/request_reader.h"
#include "tracker/front_connection.h"
#include "tracker/http_requests.h"

namespace spate::tracker {

class HttpConnection final : public FrontConnection {
  public:
    HttpConnection(Front& front, ConnectionId id, std::unique_ptr<io::Stream> stream, HttpRequests& requests);
    ~HttpConnection() override;

  private:
    void on_bytes(Bytes bytes, TimePoint arrived) override;
    void on_input_end() override;
    void on_reading_due(TimePoint now) override;
    void on_reply_sent() override;

    void answer();
    void refuse(const http::Refusal& refusal);
    bool keep_unfinished(std::size_t bytes);
    void reply(const http::Response& response);

    HttpRequests& requests_;
    http::RequestReader reader_;
    std::string rest_;  // of the next requests, at most what one read gave
    TimePoint give_up_;
    http::Method method_ = http::Method::get;
    bool keep_open_ = false;
};

}  // namespace spate::tracker
