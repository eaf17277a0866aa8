// ArrivingConnection: a connection whose language is not known yet. Most are told apart by their first byte;
// what could be HTTP and falls silent is classic, whose requests silence may end. Owner: TcpFront.
#pragma once

#include <string>

#include "tracker/front_connection.h"

namespace spate::tracker {

class ArrivingConnection final : public FrontConnection {
  public:
    using FrontConnection::FrontConnection;

  private:
    void on_bytes(Bytes bytes, TimePoint arrived) override;
    void on_input_end() override;
    void on_reading_due(TimePoint now) override;
    void on_reply_sent() override {}

    std::string held_;  // fewer than first_bytes_max while undecided
    TimePoint last_byte_{};
};

}  // namespace spate::tracker
