#include "classic_peer/chunk_connection.h"

#include <array>

#include "base/assert.h"

namespace spate::classic_peer {

using classic::ChunkVerdict;

ChunkConnection::ChunkConnection(io::World& world, const Endpoint& peer, classic::ChunkForm form,
                                 ChunkConnectionLimits limits, ChunkConnectionOwner& owner)
    : world_(world), form_(form), limits_(limits), owner_(owner), pipeline_(limits.pipeline_max) {
    timer_ = world_.reactor.make_timer([this] { on_timer(); });
    arm();
    pending_ = world_.network.connect(
        peer, [this](Result<std::unique_ptr<io::Stream>> stream) { on_connected(std::move(stream)); });
}

void ChunkConnection::arm() {
    timer_->arm(world_.reactor.now() + limits_.chunk_timeout);
}

void ChunkConnection::ask(classic::ChunkAsk ask) {
    SPATE_ASSERT(!full());
    if (pipelined())
        pipeline_.expect(ask.asked);
    else
        single_ = std::make_unique<classic::ChunkReplyReader>(form_, ask.asked);
    if (asked_at_.empty()) arm();
    asked_at_.push_back(world_.reactor.now());
    unsent_ += ask.text;
    schedule_send();
}

void ChunkConnection::schedule_send() {
    if (send_scheduled_ || !stream_) return;
    send_scheduled_ = true;
    world_.reactor.post([this, alive = alive_] {
        if (!*alive) return;
        send_scheduled_ = false;
        send();
    });
}

void ChunkConnection::on_connected(Result<std::unique_ptr<io::Stream>> stream) {
    if (!stream) return close(ChunkVerdict::reading, &stream.error());
    pending_.reset();
    stream_ = std::move(*stream);
    stream_->set_handler(*this);
    stream_->wait_readable();
    send();
}

void ChunkConnection::send() {
    std::size_t sent = 0;
    while (sent < unsent_.size()) {
        const std::array parts{as_bytes(std::string_view(unsent_).substr(sent))};
        const auto written = stream_->write(parts);
        // A peer that refused and reset may have answered all the same: reading tells.
        if (!written) break;
        if (written->would_block) {
            stream_->wait_writable();
            unsent_.erase(0, sent);
            return;
        }
        sent += written->count;
    }
    unsent_.clear();
}

void ChunkConnection::on_writable() {
    send();
}

void ChunkConnection::on_readable() {
    std::array<std::uint8_t, 64 * 1024> buffer;
    const auto got = stream_->read(buffer);
    if (!got) return close(ChunkVerdict::reading, &got.error());
    if (got->at_end) return at_end();
    stream_->wait_readable();
    if (got->would_block) return;
    if (pipelined())
        take(Bytes(buffer).first(got->count));
    else
        take_single(Bytes(buffer).first(got->count));
}

void ChunkConnection::take(Bytes bytes) {
    std::vector<classic::ChunkReplyPipeline::Outcome> outcomes;
    pipeline_.feed(bytes, outcomes);
    deliver(outcomes);
}

void ChunkConnection::deliver(const std::vector<classic::ChunkReplyPipeline::Outcome>& outcomes) {
    for (const auto& outcome : outcomes) {
        if (outcome.verdict != ChunkVerdict::complete && outcome.verdict != ChunkVerdict::refused)
            return close(outcome.verdict, nullptr);
        const Duration delay = world_.reactor.now() - asked_at_.front();
        asked_at_.pop_front();
        arm();
        owner_.on_chunk(*this, outcome.asked, outcome.verdict, outcome.data, delay);
    }
    if (pipeline_.dead()) close(ChunkVerdict::malformed, nullptr);
}

void ChunkConnection::take_single(Bytes bytes) {
    if (!single_) return close(ChunkVerdict::malformed, nullptr);  // it speaks before it was asked
    single_->feed(bytes);  // bytes behind a framed reply are nobody's: the connection ends with it
    if (single_->verdict() != ChunkVerdict::reading) return settle_single();
    if (single_->awaits_only_close() && !waiting_close_) {
        waiting_close_ = true;
        timer_->arm(world_.reactor.now() + limits_.close_grace);
    }
}

void ChunkConnection::at_end() {
    if (pipelined()) {
        std::vector<classic::ChunkReplyPipeline::Outcome> outcomes;
        pipeline_.end_of_input(outcomes);
        // Only what was complete before counts; an unanswered request makes it short.
        return close(asked_at_.empty() ? ChunkVerdict::complete : ChunkVerdict::short_end, nullptr);
    }
    if (!single_) return close(ChunkVerdict::short_end, nullptr);
    single_->end_of_input();
    settle_single();
}

void ChunkConnection::settle_single() {
    const ChunkVerdict verdict = single_->verdict();
    if (verdict == ChunkVerdict::complete) {
        const Duration delay = world_.reactor.now() - asked_at_.front();
        owner_.on_chunk(*this, single_->asked(), verdict, single_->data(), delay);
    }
    close(verdict, nullptr);
}

void ChunkConnection::on_timer() {
    if (waiting_close_ && single_->awaits_only_close()) {
        single_->end_of_input();
        return settle_single();
    }
    if (pipelined() && stream_ && asked_at_.empty()) return close(ChunkVerdict::complete, nullptr);  // idle
    const Error error = Error::invalid("fetch a chunk", stream_ ? stream_->remote().text() : "",
                                       "no answer in time", std::errc::timed_out);
    close(ChunkVerdict::reading, &error);
}

void ChunkConnection::close(ChunkVerdict why, const Error* error) {
    timer_->disarm();
    owner_.on_closed(*this, why, error);
}

}  // namespace spate::classic_peer
