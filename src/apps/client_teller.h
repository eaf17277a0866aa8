// ClientTeller: tells on standard output what a classic sender or receiver does: the original's sentences as
// plain lines, with a live bar on a terminal, or one JSON object a line. Bytes are summed up and told at most
// ten times a second. Thread: the loop's. Owner: the client program.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "apps/live_lines.h"
#include "apps/tracker_program.h"
#include "classic_peer/peer_events.h"
#include "io/linux/line_writer.h"
#include "io/reactor.h"

namespace spate::apps {

class ClientTeller final : public classic_peer::PeerEvents {
  public:
    // `label`: "client_6".
    ClientTeller(io::Reactor& reactor, Telling telling, std::string label, io_linux::LineWriter& out);

    void on_sentence(const std::string& text) override;
    void on_warning(const std::string& text) override;
    void on_file_found(const classic_peer::FileIdentity& file, std::uint64_t there) override;
    void on_received(const HostPort& peer, std::uint64_t bytes, std::uint64_t have,
                     std::uint64_t size) override;
    void on_checking(std::uint64_t size) override;
    void on_peer_shown_wrong(const HostPort& peer) override;
    void on_receiver_finished(classic_peer::ReceiverOutcome outcome, const Error& error) override;
    void on_listening(const Endpoint& endpoint) override;
    void on_announced(ByteRange range) override;
    void on_served(const Endpoint& to, std::uint64_t bytes) override;
    void on_sender_finished(const Error& error) override;

    // Set once the work is over, for the owner's main loop.
    std::function<void(int exit_code)> on_finished;

  private:
    void say(const std::string& line);
    void tell_json(const boost::json::object& event);
    void complain_of(const std::string& text);
    void tell_soon();
    void tell_progress();
    void draw();

    io::Reactor& reactor_;
    Telling telling_;
    std::string label_;
    io_linux::LineWriter& out_;  // where it is no terminal
    LiveLines lines_;
    std::unique_ptr<io::Timer> timer_;
    TimePoint started_;
    std::string file_name_;
    std::uint64_t there_ = 0;  // from an earlier run
    std::uint64_t have_ = 0;
    std::uint64_t size_ = 0;
    std::uint64_t served_ = 0;
    int tenths_told_ = 0;
    std::map<std::string, std::uint64_t> untold_from_;  // bytes by peer, no more rows than sources
    std::map<std::string, std::uint64_t>
        untold_to_;  // bytes by address asked from, no more than connections in 0.1 s
};

}  // namespace spate::apps
