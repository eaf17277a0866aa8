#include "sim/scenarios/classic_programs.h"

#include <utility>

#include "classic/tracker_request.h"

namespace spate::sim {
namespace {
constexpr Duration tracker_time_limit = std::chrono::seconds(10);
constexpr Duration reannounce_interval = std::chrono::seconds(60);
}  // namespace

ReceiverProgram::ReceiverProgram(const ProgramStart& start, classic_peer::ReceiverOptions options,
                                 Duration retry_pause, std::shared_ptr<ReceiverProgress> progress,
                                 const Address& address, std::shared_ptr<AnnouncedRanges> announced)
    : world_(start.world),
      log_(start.log),
      options_(std::move(options)),
      retry_pause_(retry_pause),
      progress_(std::move(progress)),
      address_(address),
      announced_(std::move(announced)),
      again_(world_.reactor.make_timer([this] { begin(); })) {
    begin();
}

void ReceiverProgram::begin() {
    announced_->begin(address_);
    receiver_.reset();
    receiver_ = std::make_unique<classic_peer::Receiver>(world_, options_, *this);
    receiver_->start();
}

void ReceiverProgram::on_warning(const std::string& text) {
    log_.warning(text);
    announced_->begin(address_);  // a seed whose disk fails says no more than this
}

void ReceiverProgram::on_receiver_finished(classic_peer::ReceiverOutcome outcome, const Error& error) {
    using enum classic_peer::ReceiverOutcome;
    if (outcome == received || outcome == already_there) {
        ++progress_->done;
        return;
    }
    log_.warning("without the file: " + error.message());
    ++progress_->ended_without;
    again_->arm(world_.reactor.now() + retry_pause_);
}

SenderProgram::SenderProgram(const ProgramStart& start, classic_peer::SenderOptions options,
                             const Address& address, std::shared_ptr<AnnouncedRanges> announced)
    : world_(start.world),
      log_(start.log),
      options_(std::move(options)),
      address_(address),
      announced_(std::move(announced)),
      again_(world_.reactor.make_timer([this] { begin(); })) {
    begin();
}

void SenderProgram::begin() {
    announced_->begin(address_);
    sender_.reset();
    sender_ = std::make_unique<classic_peer::Sender>(world_, options_, *this);
    sender_->start();
}

void SenderProgram::on_sender_finished(const Error& error) {
    log_.warning("the sender ended: " + error.message());
    announced_->begin(address_);
    again_->arm(world_.reactor.now() + std::chrono::seconds(2));
}

EvilProgram::EvilProgram(const ProgramStart& start, const EvilOptions& options)
    : rng_(start.world.random.next_u64()),
      peer_(start.world, port, options.evil, options.file, rng_.next()),
      client_(start.world, options.tracker, tracker_time_limit),
      announcer_(start.world, options.tracker, tracker_time_limit, reannounce_interval,
                 classic_peer::Announced{options.name, {}, port}, rng_, *this, [] {}) {
    const ByteRange whole{0, options.file.size()};
    if (!options.creates) {
        announcer_.announce(whole);
        return;
    }
    creating_ = client_.tell(
        [options](const Address& ours) {
            return classic::write_create_tracker(
                {options.name, options.file.size(), {}, options.md5, true, ours.text(), port});
        },
        [this, whole](Result<classic::Outcome>) { announcer_.announce(whole); });
}

}  // namespace spate::sim
