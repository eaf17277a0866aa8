// HttpExchange: one request and its response: resolve, connect to each address in turn, over TLS for https,
// write, read, follow redirects, all within one time limit.
// Rules of whom we talk to (reliability.md 73 to 77): addresses are judged when they are connected to, on
// every hop; a redirect never leads from a global address to a local one, nor out of TLS; at most
// redirects_max of them; headers are sent to the first origin only. A redirected PUT, POST or DELETE is an
// error. Owner: whoever asked; destroying it gives it up and `done` does not run. `done` may destroy it.
// Thread: the reactor's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "http/response_reader.h"
#include "http/url.h"
#include "http_client/tls_context.h"
#include "io/world.h"

namespace spate::http_client {

struct ExchangeRequest {
    http::Method method = http::Method::get;
    http::Url url;
    http::Headers headers;
    std::string body;
};

struct ExchangeLimits {
    Duration time_limit = std::chrono::seconds(30);  // over everything
    std::size_t body_bytes_max = 1 << 20;            // received, and after inflating
    int redirects_max = 5;
    // Which addresses of the host may be asked for this URL; none given: any. An announcer picks a family so.
    std::function<bool(const Address&, const http::Url&)> may_ask;
};

struct Reply {
    http::Response response;  // any status but a followed redirect
    http::Url url;            // where it came from in the end
    Endpoint remote;
    Endpoint local;
};

class HttpExchange final : private io::StreamHandler {
  public:
    using Done = std::move_only_function<void(Result<Reply>)>;
    HttpExchange(io::World& world, ExchangeRequest request, ExchangeLimits limits, Done done);
    ~HttpExchange() override;

    // Whoever was connected to last has some of the request, if not all.
    bool asked() const { return stream_ && (sent_ > 0 || unsent_.empty()); }

  private:
    void begin_hop();
    void load_tls();
    void on_resolved(Result<std::vector<Address>> addresses);
    void connect_next();
    void on_connected(Result<std::unique_ptr<io::Stream>> stream);
    void on_readable() override;
    void on_writable() override;
    void send();
    void on_response();
    void follow(std::string_view location);
    void fail_later(Error error);
    void finish(Result<Reply> result);

    io::World& world_;
    ExchangeRequest request_;
    ExchangeLimits limits_;
    Done done_;
    std::vector<Address> addresses_;  // still to try, the next one last
    bool global_seen_ = false;
    int redirects_ = 0;
    std::string unsent_;
    std::size_t sent_ = 0;  // of it
    Error last_error_;      // of the addresses tried
    Error deadline_error_;  // what the deadline ends it with
    std::unique_ptr<http::ResponseReader> reader_;
    std::unique_ptr<io::Pending> pending_;
    std::unique_ptr<io::Stream> stream_;
    std::unique_ptr<io::Timer> deadline_;
    std::unique_ptr<io::Timer> patience_;    // with one address, while others are left
    std::shared_ptr<const TlsContext> tls_;  // once it was needed
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::http_client
