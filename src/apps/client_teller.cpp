#include "apps/client_teller.h"

#include <cstdio>
#include <fmt/format.h>

#include "apps/command.h"
#include "apps/complaint.h"
#include "apps/json_line.h"
#include "apps/size_text.h"
#include "base/printable.h"
#include "io/linux/terminal.h"

namespace spate::apps {

using classic_peer::ReceiverOutcome;

namespace {

constexpr Duration telling_pause = std::chrono::milliseconds(100);

const char* word(ReceiverOutcome outcome) {
    switch (outcome) {
        case ReceiverOutcome::received:
            return "received";
        case ReceiverOutcome::already_there:
            return "already_there";
        case ReceiverOutcome::unverified:
            return "unverified";
        case ReceiverOutcome::wrong_md5:
            return "wrong_md5";
        case ReceiverOutcome::timed_out:
            return "timed_out";
        case ReceiverOutcome::failed:
            return "failed";
    }
    return "failed";
}

std::string explanation(ReceiverOutcome outcome, const std::string& file, const Error& error) {
    switch (outcome) {
        case ReceiverOutcome::received:
            return {};
        case ReceiverOutcome::already_there:
            return file + " is there already, and its MD5 is right";
        case ReceiverOutcome::unverified:
            return "the tracker has no usable MD5 of " + file + ": it is kept as " + file +
                   ".unverified, check it yourself";
        case ReceiverOutcome::wrong_md5:
            return "the MD5 of what came is wrong, and no other source has better bytes: " + file +
                   " is not put in place";
        case ReceiverOutcome::timed_out:
            return "not whole in time; what came is kept, the same command goes on with it";
        case ReceiverOutcome::failed:
            return error.message();
    }
    return {};
}

}  // namespace

ClientTeller::ClientTeller(io::Reactor& reactor, Telling telling, std::string label,
                           io_linux::LineWriter& out)
    : reactor_(reactor),
      telling_(telling),
      label_(std::move(label)),
      out_(out),
      lines_(stdout, telling == Telling::plain && io_linux::stdout_is_terminal(), io_linux::stdout_width),
      timer_(reactor.make_timer([this] { tell_progress(); })),
      started_(reactor.now()) {}

void ClientTeller::say(const std::string& line) {
    if (telling_ != Telling::plain) return;
    lines_.terminal() ? lines_.say(line) : out_.write(line);
}

void ClientTeller::tell_json(const boost::json::object& event) {
    out_.write(json_line(event));
}

void ClientTeller::on_sentence(const std::string& text) {
    say(text);
    if (telling_ == Telling::json) tell_json({{"event", "sentence"}, {"text", json_text(text)}});
}

void ClientTeller::on_warning(const std::string& text) {
    if (telling_ == Telling::json) return tell_json({{"event", "warning"}, {"text", json_text(text)}});
    if (lines_.terminal()) return say("! " + text);
    fmt::print(stderr, "{}: {}\n", label_, text);
}

void ClientTeller::on_file_found(const classic_peer::FileIdentity& file, std::uint64_t there) {
    file_name_ = printable(file.name);
    size_ = file.size;
    there_ = have_ = there;
    say(fmt::format("{}: getting {}, {}{}", label_, file_name_, size_text(size_),
                    there > 0 ? ", " + size_text(there) + " of it from an earlier run" : ""));
    if (telling_ == Telling::json)
        tell_json({{"event", "found"}, {"name", json_text(file.name)}, {"size", size_}, {"there", there}});
}

void ClientTeller::on_received(const HostPort& peer, std::uint64_t bytes, std::uint64_t have,
                               std::uint64_t size) {
    untold_from_[printable(peer.text())] += bytes;
    have_ = have;
    size_ = size;
    tell_soon();
}

void ClientTeller::on_served(const Endpoint& to, std::uint64_t bytes) {
    untold_to_[to.address.text()] += bytes;
    served_ += bytes;
    tell_soon();
}

void ClientTeller::tell_soon() {
    if (!timer_->armed()) timer_->arm(reactor_.now() + telling_pause);
}

void ClientTeller::tell_progress() {
    timer_->disarm();
    if (telling_ == Telling::json) {
        for (const auto& [peer, bytes] : untold_from_)
            tell_json({{"event", "received"},
                       {"peer", json_text(peer)},
                       {"bytes", bytes},
                       {"have", have_},
                       {"size", size_}});
        for (const auto& [to, bytes] : untold_to_)
            tell_json({{"event", "served"}, {"to", to}, {"bytes", bytes}});
    }
    untold_from_.clear();
    untold_to_.clear();
    draw();
}

void ClientTeller::draw() {
    if (telling_ != Telling::plain) return;
    const double part = size_ == 0 ? 0 : static_cast<double>(have_) / static_cast<double>(size_);
    if (!lines_.terminal()) {                                        // a plain line for every tenth
        const int tenths = static_cast<int>(part * 100 + 0.5) / 10;  // of the percentage as it is printed
        if (tenths <= tenths_told_) return;
        tenths_told_ = tenths;
        return out_.write(
            fmt::format("{}: {} of {}, {:.0f} %", label_, size_text(have_), size_text(size_), part * 100));
    }
    const double seconds = std::chrono::duration<double>(reactor_.now() - started_).count();
    if (size_ > 0) {
        lines_.draw(
            {fmt::format("{} {} {:3.0f} %  {} of {}  {}", label_, bar(part, 30), part * 100, size_text(have_),
                         size_text(size_), rate_text(static_cast<double>(have_ - there_) / seconds))});
    } else if (served_ > 0) {
        lines_.draw({fmt::format("{} served {}", label_, size_text(served_))});
    }
}

void ClientTeller::on_checking(std::uint64_t) {
    tell_progress();
    if (telling_ == Telling::json) tell_json({{"event", "checking"}});
}

void ClientTeller::on_peer_shown_wrong(const HostPort& peer) {
    on_warning("wrong bytes came from " + printable(peer.text()) + "; it is not asked again");
}

void ClientTeller::on_receiver_finished(ReceiverOutcome outcome, const Error& error) {
    tell_progress();
    const auto text = explanation(outcome, file_name_.empty() ? "the file" : file_name_, error);
    const bool good = outcome == ReceiverOutcome::received || outcome == ReceiverOutcome::already_there;
    if (telling_ == Telling::json)
        tell_json({{"event", "finished"}, {"outcome", word(outcome)}, {"text", json_text(text)}});
    else if (!text.empty() && good)
        say(label_ + ": " + text);
    if (!good) complain_of(text);
    on_finished(good ? exit_ok : exit_failed);
}

void ClientTeller::complain_of(const std::string& text) {
    if (telling_ == Telling::json) tell_json(failed_event(text));
    remark(label_, text);
}

void ClientTeller::on_listening(const Endpoint& endpoint) {
    say(fmt::format("{}: listening on {}", label_, endpoint.text()));
    if (telling_ == Telling::json) tell_json({{"event", "listening"}, {"endpoint", endpoint.text()}});
}

void ClientTeller::on_announced(ByteRange range) {
    if (telling_ == Telling::json)
        tell_json({{"event", "announced"}, {"start", range.start}, {"end", range.end}});
}

void ClientTeller::on_sender_finished(const Error& error) {
    tell_progress();
    const bool good = !error.code;
    if (telling_ == Telling::json)
        tell_json({{"event", "finished"},
                   {"outcome", good ? "served" : "failed"},
                   {"text", json_text(good ? "" : error.message())}});
    if (good) say(label_ + ": every part was fetched, served " + size_text(served_));
    if (!good) complain_of(error.message());
    on_finished(good ? exit_ok : exit_failed);
}

}  // namespace spate::apps
