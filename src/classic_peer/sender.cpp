#include "classic_peer/sender.h"

#include <utility>

#include "base/hex.h"
#include "base/printable.h"
#include "classic/classic_name.h"
#include "classic/tracker_file.h"
#include "classic/tracker_request.h"

namespace spate::classic_peer {

Sender::Sender(io::World& world, SenderOptions options, PeerEvents& events)
    : world_(world),
      options_(std::move(options)),
      events_(events),
      rng_(world.random.next_u64()),
      client_(world, options_.tracker, options_.tracker_time_limit),
      file_(world, options_.folder, options_.file),
      timer_(world.reactor.make_timer([this] { (this->*next_)(); })),
      time_limit_(world.reactor.make_timer([this] {
          finish(Error::invalid("share", options_.file, "the tracker did not take it in time",
                                std::errc::timed_out));
      })) {}

Sender::~Sender() {
    *alive_ = false;
}

void Sender::start() {
    if (const auto fault = classic::name_fault(options_.file))
        return finish_later(
            Error::invalid("share", printable(options_.file), "its name " + std::string(*fault)));
    if (options_.timeout) time_limit_->arm(world_.reactor.now() + *options_.timeout);
    file_.open([this](Result<ServedFile::Opened> opened) { on_opened(std::move(opened)); });
}

void Sender::on_opened(Result<ServedFile::Opened> opened) {
    if (finished_) return;
    if (!opened) return finish_later(opened.error());
    size_ = opened->size;
    md5_ = to_hex(opened->md5);
    plan_.emplace(size_, options_.sender, options_.senders);
    server_ = std::make_unique<ChunkServer>(
        world_, options_.serving, options_.file, file_, size_, events_,
        ChunkServer::Handlers{[this](const Error& error) { finish_later(error); }, [this] { check_once(); }});
    const auto local = server_->listen();
    if (!local) return finish_later(local.error());
    port_ = local->port;
    server_->open_whole(true);
    server_->promise(plan_->share());
    create();
}

void Sender::create() {
    question_ = client_.tell(
        [this](const Address& ours) {
            return classic::write_create_tracker({options_.file, size_, options_.description, md5_, true,
                                                  options_.serving.advertise.value_or(ours.text()), port_});
        },
        [this](Result<classic::Outcome> outcome) { on_created(std::move(outcome)); });
}

void Sender::try_again(const std::string& why, void (Sender::*what)()) {
    if (why != last_warning_) events_.on_warning(printable(why) + "; it is tried again");
    last_warning_ = why;
    next_ = what;
    timer_->arm(world_.reactor.now() + backoff_.next(rng_));
}

void Sender::on_created(Result<classic::Outcome> outcome) {
    question_.reset();
    if (!outcome) return try_again(outcome.error().message(), &Sender::create);
    switch (*outcome) {
        case classic::Outcome::succ:
            return begin_to_advertise();
        case classic::Outcome::ferr:
            return compare();
        case classic::Outcome::fail:
            return try_again("the tracker does not take the file " + options_.file, &Sender::create);
    }
}

void Sender::compare() {
    question_ =
        client_.get(options_.file, [this](Result<ReceivedTrackerFile> entry) { on_entry(std::move(entry)); });
}

void Sender::on_entry(Result<ReceivedTrackerFile> entry) {
    question_.reset();
    if (!entry && entry.error().is(std::errc::no_such_file_or_directory))  // gone again
        return try_again(entry.error().message(), &Sender::create);
    if (!entry) return try_again(entry.error().message(), &Sender::compare);
    const auto file = classic::parse_tracker_file(entry->text);
    if (!file) return try_again(file.error().message(), &Sender::compare);
    if (file->size != size_ || (classic::is_md5_text(file->md5) && file->md5 != md5_))
        return finish(Error::invalid("share", options_.file, "the tracker has another file of that name",
                                     std::errc::file_exists));
    begin_to_advertise();
}

void Sender::begin_to_advertise() {
    time_limit_->disarm();
    backoff_.reset();
    last_warning_.clear();
    if (!announcer_) {
        announcer_ = std::make_unique<Announcer>(
            world_, options_.tracker, options_.tracker_time_limit, options_.serving.reannounce_interval,
            Announced{options_.file, options_.serving.advertise, port_, size_}, rng_, events_,
            [this] { create_again(); });
        return advertise_next();
    }
    server_->open_whole(false);  // made again: the parts announced so far, and then on
    announcer_->announce({plan_->share().start, plan_->part(parts_announced_ - 1).end});
    if (parts_announced_ < classic::AdvertisingPlan::parts) {
        next_ = &Sender::advertise_next;
        timer_->arm(world_.reactor.now() + options_.interval);
    }
}

void Sender::advertise_next() {
    const int index = parts_announced_++;
    server_->announce(plan_->part(index));
    if (index == 0) server_->open_whole(false);
    events_.on_sentence(plan_->advertising_sentence(index));
    announcer_->announce({plan_->share().start, plan_->part(index).end});
    if (parts_announced_ < classic::AdvertisingPlan::parts) {
        next_ = &Sender::advertise_next;
        timer_->arm(world_.reactor.now() + options_.interval);
    }
    check_once();
}

// The tracker lost the entry; its possession check must find the whole file again.
void Sender::create_again() {
    if (question_) return;
    const auto keep = alive_;
    world_.reactor.post([this, keep] {
        if (!*keep || finished_ || question_) return;
        announcer_->stop();
        timer_->disarm();
        server_->open_whole(true);
        create();
    });
}

void Sender::check_once() {
    if (!options_.once || parts_announced_ < classic::AdvertisingPlan::parts || server_->connections() > 0)
        return;
    if (server_->sent().contains(plan_->share())) finish_later({});
}

void Sender::finish_later(Error error) {
    world_.reactor.post([this, alive = alive_, error = std::move(error)] {
        if (*alive) finish(error);
    });
}

void Sender::finish(Error error) {
    if (finished_) return;
    rest();
    events_.on_sender_finished(error);
}

void Sender::stop(io::Callback stopped) {
    rest();
    if (!announcer_) return world_.reactor.post(std::move(stopped));
    announcer_->withdraw(std::move(stopped));
}

void Sender::rest() {
    finished_ = true;
    question_.reset();
    if (announcer_) announcer_->stop();
    timer_->disarm();
    time_limit_->disarm();
}

}  // namespace spate::classic_peer
