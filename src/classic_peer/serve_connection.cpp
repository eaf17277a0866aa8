#include "classic_peer/serve_connection.h"

#include <algorithm>
#include <array>
#include <utility>

namespace spate::classic_peer {
namespace {
constexpr std::uint64_t fifth_step = 64 * 1024;
}

ServeConnection::ServeConnection(io::World& world, std::unique_ptr<io::Stream> stream, Bytes early,
                                 Duration idle_timeout, ServeConnectionOwner& owner)
    : world_(world),
      stream_(std::move(stream)),
      remote_(stream_->remote()),
      idle_timeout_(idle_timeout),
      owner_(owner),
      moved_(world.reactor.now()),
      timer_(world.reactor.make_timer([this] { on_timer(); })) {
    stream_->set_handler(*this);
    if (!early.empty()) {
        framer_.feed(early, moved_, framed_);
        pump_later();
    }
    read_on();
    arm();
}

ServeConnection::~ServeConnection() {
    *alive_ = false;
}

void ServeConnection::read_on() {
    const bool full = lines_.size() >= requests_max || output_.size() - sent_ >= output_max;
    if (reading_ || input_over_ || (full && !lingering_)) return;
    reading_ = true;
    stream_->wait_readable();
}

void ServeConnection::arm() {
    timer_->arm(std::min(framer_.next_timeout(), moved_ + (lingering_ ? linger : idle_timeout_)));
}

void ServeConnection::on_readable() {
    reading_ = false;
    std::array<std::uint8_t, 16 * 1024> buffer;
    const auto got = stream_->read(buffer);
    if (!got) return over();
    if (lingering_) {
        if (got->at_end) return over();
        return read_on();
    }
    moved_ = world_.reactor.now();
    if (got->at_end) {
        input_over_ = true;
        framer_.end_of_input(framed_);
    } else if (got->count > 0) {
        framer_.feed(Bytes(buffer).first(got->count), moved_, framed_);
    }
    pump();
}

void ServeConnection::on_writable() {
    pump();
}

void ServeConnection::on_timer() {
    const TimePoint now = world_.reactor.now();
    framer_.on_timeout(now, framed_);
    const bool waits_for_offer = fifth_ && output_.empty();
    if (lingering_ ? now - moved_ >= linger : now - moved_ >= idle_timeout_ && !waits_for_offer && !loading_)
        return over();
    if (waits_for_offer || loading_) moved_ = std::max(moved_, now - idle_timeout_ / 2);
    pump();
}

void ServeConnection::offer_changed() {
    if (!fifth_) return;
    moved_ = world_.reactor.now();
    pump_later();
}

void ServeConnection::pump_later() {
    world_.reactor.post([this, alive = alive_] {
        if (*alive && !lingering_) pump();
    });
}

// Everything that can be done now: take requests, answer them, send.
void ServeConnection::pump() {
    for (classic::FramedRequest& request : std::exchange(framed_, {})) {
        const bool too_long = request.kind == classic::FramedRequest::Kind::too_long;
        lines_.push_back(too_long ? std::string("?") : std::move(request.line));
    }
    while (!last_reply_ && !loading_ && output_.size() - sent_ < output_max && answer_next()) {
    }
    if (input_over_ && lines_.empty() && !fifth_ && !loading_) last_reply_ = true;
    flush();
}

// False: nothing to do until something happens.
bool ServeConnection::answer_next() {
    if (fifth_) return send_fifth();
    if (lines_.empty()) return false;
    const classic::ChunkRequestLine line = classic::parse_chunk_request(lines_.front());
    if (const auto* bad = std::get_if<classic::BadChunkRequest>(&line)) {
        refuse(bad->form, bad->reason);
    } else if (!answer(std::get<classic::ChunkRequest>(line))) {
        return false;
    }
    lines_.pop_front();
    return true;
}

bool ServeConnection::answer(const classic::ChunkRequest& request) {
    served_ = owner_.find_served(request.name);
    if (served_ != nullptr && request.form == classic::ChunkForm::original_file) {
        const classic::AdvertisingPlan plan(served_->offer.size(), static_cast<int>(request.first));
        fifth_ = Fifth{plan, 0, plan.part(0), false};
        return true;
    }
    const classic::ResolvedChunk chunk =
        classic::resolve_chunk_request(request, served_ == nullptr ? 0 : served_->offer.size());
    if (served_ == nullptr || !chunk.range || !served_->offer.has(*chunk.range)) {
        refuse(chunk.form, "not shared");
        return true;
    }
    std::string data;
    if (!provide(*chunk.range, data)) return false;
    output_ += classic::write_chunk_reply(chunk.form, *chunk.range, as_bytes(data));
    in_output_.push_back(*chunk.range);
    if (!classic::keeps_connection_open(chunk.form)) last_reply_ = true;
    return true;
}

// The four parts of a fifth one after the other, each once it is announced; ends at one that never will be.
bool ServeConnection::send_fifth() {
    Fifth& fifth = *fifth_;
    while (fifth.left.empty() && ++fifth.part < classic::AdvertisingPlan::parts) {
        fifth.left = fifth.plan.part(fifth.part);
        fifth.begun = false;
    }
    if (fifth.left.empty()) {
        fifth_.reset();
        last_reply_ = true;
        return false;
    }
    if (!served_->offer.has(fifth.left)) {
        if (served_->offer.will_have(fifth.left)) return false;
        fifth_.reset();
        last_reply_ = true;
        return false;
    }
    if (!std::exchange(fifth.begun, true))
        owner_.on_transferring(fifth.plan.transferring_sentence(fifth.part));
    const ByteRange step{fifth.left.start, std::min(fifth.left.end, fifth.left.start + fifth_step)};
    if (!provide(step, output_)) return false;
    in_output_.push_back(step);
    fifth.left.start = step.end;
    return true;
}

void ServeConnection::refuse(classic::ChunkForm form, const std::string& why) {
    output_ += classic::write_chunk_refusal(form, why);
    if (!classic::keeps_connection_open(form)) last_reply_ = true;
}

// Appends the bytes, or begins to load them.
bool ServeConnection::provide(ByteRange range, std::string& out) {
    if (served_->source.copy(range, out)) return true;
    loading_ = true;
    served_->source.load(range, [this, alive = alive_](Result<void> loaded) {
        if (!*alive) return;
        loading_ = false;
        if (loaded) return pump();
        owner_.on_file_broken(loaded.error());
        over();
    });
    return false;
}

void ServeConnection::flush() {
    while (sent_ < output_.size()) {
        const std::array parts{as_bytes(std::string_view(output_).substr(sent_))};
        const auto written = stream_->write(parts);
        if (!written) return over();
        if (written->would_block) {
            stream_->wait_writable();
            break;
        }
        sent_ += written->count;
        moved_ = world_.reactor.now();
    }
    if (sent_ == output_.size()) return finish_output();
    read_on();
    arm();
}

// All that was to be sent is sent.
void ServeConnection::finish_output() {
    output_.clear();
    sent_ = 0;
    if (!in_output_.empty()) owner_.on_sent(*this, std::exchange(in_output_, {}));
    if (last_reply_ && !lingering_) {
        if (input_over_) return over();
        // Closing with unread input would reset, and the other side might lose the reply: read until it
        // closes.
        stream_->shutdown_write();
        lingering_ = true;
        moved_ = world_.reactor.now();
    } else if (!last_reply_ && !loading_ && (fifth_ ? served_->offer.has(fifth_->left) : !lines_.empty())) {
        pump_later();
    }
    read_on();
    arm();
}

void ServeConnection::over() {
    timer_->disarm();
    owner_.on_over(*this);
}

}  // namespace spate::classic_peer
