// The processes of a swarm: a sender and a receiver that are started again when they end, as a person would,
// and an evil peer that makes itself known at the tracker. What outlives them is given by shared pointers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "classic_peer/announcer.h"
#include "classic_peer/receiver.h"
#include "classic_peer/sender.h"
#include "sim/process.h"
#include "sim/scenarios/classic_auditor.h"
#include "sim/scenarios/classic_evil_peer.h"

namespace spate::sim {

// Of one receiver, all its starts together.
struct ReceiverProgress {
    int done = 0;
    int ended_without = 0;
    std::uint64_t received = 0;
    std::vector<std::string> shown_wrong;
    std::vector<std::string> sentences;
};

class ReceiverProgram final : public classic_peer::PeerEvents {
  public:
    ReceiverProgram(const ProgramStart& start, classic_peer::ReceiverOptions options, Duration retry_pause,
                    std::shared_ptr<ReceiverProgress> progress, const Address& address,
                    std::shared_ptr<AnnouncedRanges> announced);

  private:
    void begin();
    void on_warning(const std::string& text) override;
    void on_sentence(const std::string& sentence) override { progress_->sentences.push_back(sentence); }
    void on_received(const HostPort&, std::uint64_t bytes, std::uint64_t, std::uint64_t) override {
        progress_->received += bytes;
    }
    void on_peer_shown_wrong(const HostPort& peer) override { progress_->shown_wrong.push_back(peer.host); }
    void on_listening(const Endpoint& local) override { announced_->listens(address_, local.port); }
    void on_announced(ByteRange range) override { announced_->announced(address_, range); }
    void on_receiver_finished(classic_peer::ReceiverOutcome outcome, const Error& error) override;

    io::World& world_;
    Log& log_;
    classic_peer::ReceiverOptions options_;
    Duration retry_pause_;
    std::shared_ptr<ReceiverProgress> progress_;
    Address address_;
    std::shared_ptr<AnnouncedRanges> announced_;
    std::unique_ptr<classic_peer::Receiver> receiver_;
    std::unique_ptr<io::Timer> again_;
};

class SenderProgram final : public classic_peer::PeerEvents {
  public:
    SenderProgram(const ProgramStart& start, classic_peer::SenderOptions options, const Address& address,
                  std::shared_ptr<AnnouncedRanges> announced);

  private:
    void begin();
    void on_warning(const std::string& text) override { log_.warning(text); }
    void on_listening(const Endpoint& local) override { announced_->listens(address_, local.port); }
    void on_announced(ByteRange range) override { announced_->announced(address_, range); }
    void on_sender_finished(const Error& error) override;

    io::World& world_;
    Log& log_;
    classic_peer::SenderOptions options_;
    Address address_;
    std::shared_ptr<AnnouncedRanges> announced_;
    std::unique_ptr<classic_peer::Sender> sender_;
    std::unique_ptr<io::Timer> again_;
};

struct EvilOptions {
    Evil evil{};
    HostPort tracker;
    std::string name;
    std::string file;
    std::string md5;
    bool creates = false;  // tries to be the one who makes the entry
};

// Claims the whole file as soon as there is an entry.
class EvilProgram final : public classic_peer::PeerEvents {
  public:
    static constexpr std::uint16_t port = 6666;

    EvilProgram(const ProgramStart& start, const EvilOptions& options);

  private:
    Rng rng_;
    EvilPeer peer_;
    classic_peer::TrackerClient client_;
    classic_peer::Announcer announcer_;
    std::unique_ptr<classic_peer::Question> creating_;
};

}  // namespace spate::sim
