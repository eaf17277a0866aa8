#include "sim/scenarios/classic_swarm.h"

#include <algorithm>

#include "base/hex.h"
#include "hash/digest.h"

namespace spate::sim {
namespace {

const HostPort tracker_address{"tracker", 3456};

// The process of one receiver: what it is told lives on the board, and it begins again when it ends without
// the file.
class ReceiverProgram final : public classic_peer::PeerEvents {
  public:
    ReceiverProgram(io::World& world, Log& log, classic_peer::ReceiverOptions options, Duration pause,
                    std::shared_ptr<ClassicSwarm::Progress> progress)
        : world_(world),
          log_(log),
          options_(std::move(options)),
          pause_(pause),
          progress_(std::move(progress)),
          again_(world.reactor.make_timer([this] { begin(); })) {
        begin();
    }

  private:
    void begin() {
        receiver_.reset();
        receiver_ = std::make_unique<classic_peer::Receiver>(world_, options_, *this);
        receiver_->start();
    }
    void on_warning(const std::string& text) override { log_.warning(text); }
    void on_sentence(const std::string& sentence) override { progress_->sentences.push_back(sentence); }
    void on_received(const HostPort&, std::uint64_t bytes, std::uint64_t, std::uint64_t) override {
        progress_->received += bytes;
    }
    void on_peer_shown_wrong(const HostPort& peer) override { progress_->shown_wrong.push_back(peer.host); }
    void on_receiver_finished(classic_peer::ReceiverOutcome outcome, const Error&) override {
        using enum classic_peer::ReceiverOutcome;
        if (outcome == received || outcome == already_there) {
            ++progress_->done;
            return;
        }
        ++progress_->ended_without;
        again_->arm(world_.reactor.now() + pause_);
    }

    io::World& world_;
    Log& log_;
    classic_peer::ReceiverOptions options_;
    Duration pause_;
    std::shared_ptr<ClassicSwarm::Progress> progress_;
    std::unique_ptr<classic_peer::Receiver> receiver_;
    std::unique_ptr<io::Timer> again_;
};

// A sender that begins again when it ends with an error.
class SenderProgram final : public classic_peer::PeerEvents {
  public:
    SenderProgram(io::World& world, classic_peer::SenderOptions options)
        : world_(world), options_(std::move(options)), again_(world.reactor.make_timer([this] { begin(); })) {
        begin();
    }

  private:
    void begin() {
        sender_.reset();
        sender_ = std::make_unique<classic_peer::Sender>(world_, options_, *this);
        sender_->start();
    }
    void on_sender_finished(const Error&) override {
        again_->arm(world_.reactor.now() + std::chrono::seconds(2));
    }

    io::World& world_;
    classic_peer::SenderOptions options_;
    std::unique_ptr<classic_peer::Sender> sender_;
    std::unique_ptr<io::Timer> again_;
};

std::string random_file(Rng& rng, std::uint64_t size) {
    std::string file(size, '\0');
    for (char& byte : file) byte = static_cast<char>(rng.below(256));
    return file;
}

std::string path() {
    return std::string(ClassicSwarm::folder) + "/" + ClassicSwarm::file_name;
}

}  // namespace

ClassicSwarm::ClassicSwarm(Testbed& testbed, const SwarmSettings& settings)
    : testbed_(testbed), file_(random_file(testbed.simulation().rng(), settings.size)) {
    tracker_ = &testbed.add_host("tracker");
    for (int k = 1; k <= settings.senders; ++k)
        senders_.push_back(&testbed.add_host("sender" + std::to_string(k)));
    for (int k = 1; k <= settings.receivers; ++k)
        receivers_.push_back(&testbed.add_host("receiver" + std::to_string(k)));
    for (std::size_t i = 0; i < settings.evil.size(); ++i)
        evil_.push_back(&testbed.add_host("evil" + std::to_string(i + 1)));
    run_tracker();
    for (int k = 1; k <= settings.senders; ++k) run_sender(k, settings);
    for (int k = 1; k <= settings.receivers; ++k) run_receiver(k, settings);
    for (std::size_t i = 0; i < settings.evil.size(); ++i) run_evil(i, settings.evil[i]);
    testbed.simulation().check_every(std::chrono::milliseconds(200), [this]() -> std::optional<std::string> {
        for (Host* host : receivers_) {
            const auto bytes = host->disk().get(path());
            if (bytes && as_text(*bytes) != file_) return "a wrong file is in place at " + host->name();
        }
        return std::nullopt;
    });
}

void ClassicSwarm::run_tracker() {
    board_->on_claim = [this](const std::string& host, std::uint16_t, ByteRange range) {
        check_claim(host, range);
    };
    tracker_->run("tracker", [board = board_](const ProgramStart& start) {
        return std::make_shared<TrackerDouble>(start.world, tracker_address.port, board);
    });
}

void ClassicSwarm::check_claim(const std::string& host, ByteRange range) {
    const auto it =
        std::ranges::find_if(receivers_, [&](Host* one) { return one->address().text() == host; });
    if (it == receivers_.end() || range.empty()) return;
    const auto bytes = (*it)->disk().get(path());
    if (!bytes || as_text(*bytes) != file_)
        testbed_.simulation().fail((*it)->name() + " claims what it does not have");
}

void ClassicSwarm::run_sender(int k, const SwarmSettings& settings) {
    Host& host = *senders_[static_cast<std::size_t>(k - 1)];
    host.disk().put(path(), as_bytes(file_));
    classic_peer::SenderOptions options;
    options.tracker = tracker_address;
    options.folder = folder;
    options.file = file_name;
    options.sender = settings.whole_senders ? 1 : k;
    options.senders = settings.whole_senders ? 1 : settings.senders;
    options.serving.listen = {Address::v4(0, 0, 0, 0), static_cast<std::uint16_t>(6360 + k)};
    host.run("sender", [options](const ProgramStart& start) {
        return std::make_shared<SenderProgram>(start.world, options);
    });
}

void ClassicSwarm::run_receiver(int k, const SwarmSettings& settings) {
    Host& host = *receivers_[static_cast<std::size_t>(k - 1)];
    progress_.push_back(std::make_shared<Progress>());
    classic_peer::ReceiverOptions options;
    options.tracker = tracker_address;
    options.folder = folder;
    options.label = "client_" + std::to_string(5 + k);
    options.seed = settings.seed;
    options.serving.listen = {Address::v4(0, 0, 0, 0), static_cast<std::uint16_t>(6365 + k)};
    host.run("receiver",
             [options, pause = settings.retry_pause, progress = progress_.back()](const ProgramStart& start) {
                 return std::make_shared<ReceiverProgram>(start.world, start.log, options, pause, progress);
             });
}

void ClassicSwarm::run_evil(std::size_t i, Evil evil) {
    const std::uint64_t seed = testbed_.simulation().rng().next();
    evil_[i]->run("evil", [this, evil, seed](const ProgramStart& start) {
        return std::make_shared<EvilPeer>(start.world, 6666, evil, file_, seed);
    });
    // The tracker believes it; an entry must be there first.
    auto& file = board_->files[file_name];
    file.name = file_name;
    file.size = file_.size();
    file.md5 = to_hex(hash::md5(as_bytes(file_)));
    file.peers.push_back({evil_[i]->address().text(), 6666, 0, file_.size(), {2'000'000'000}});
}

bool ClassicSwarm::all_done() const {
    for (std::size_t i = 0; i < receivers_.size(); ++i) {
        if (progress_[i]->done == 0) return false;
        if (!receivers_[i]->disk().get(path())) return false;
    }
    return true;
}

}  // namespace spate::sim
