#include "engine/shard.h"

#include <utility>

namespace spate::engine {

Shard::Shard(const io::World& world, const io::World& home, ShardOwner& owner, std::shared_ptr<bool> alive)
    : world_(world), home_(home), owner_(owner), alive_(std::move(alive)) {}

void Shard::start(const SessionOptions& options, const SessionSeat& seat,
                  std::function<void(Result<std::uint16_t>)> on_port) {
    world_.reactor.post([this, options, seat, on_port = std::move(on_port)]() mutable {
        SessionEvents& events = *this;
        Log& log = *this;
        session_ = std::make_unique<Session>(world_, options, events, log, seat);
        answer(
            [port = session_->start(), on_port = std::move(on_port)]() mutable { on_port(std::move(port)); });
    });
}

void Shard::post(std::move_only_function<void(Session&)> work) {
    world_.reactor.post([this, work = std::move(work)]() mutable {
        if (session_) work(*session_);
    });
}

void Shard::end() {
    world_.reactor.post([this] { session_.reset(); });
}

void Shard::answer(io::Callback work) {
    home_.reactor.post([alive = alive_, work = std::move(work)]() mutable {
        if (*alive) work();
    });
}

void Shard::tell(TorrentId id, std::shared_ptr<const metainfo::Metainfo> metainfo,
                 std::function<void(SessionEvents&)> tell) {
    if (!session_->has(id)) return;  // it was removed
    answer([this, event = ShardEvent{id, session_->status(id), std::move(metainfo),
                                     std::move(tell)}]() mutable { owner_.on_event(std::move(event)); });
}

void Shard::on_metainfo(TorrentId id, const metainfo::Metainfo&) {
    auto metainfo = session_->metainfo_of(id);
    tell(id, metainfo, [id, metainfo](SessionEvents& events) { events.on_metainfo(id, *metainfo); });
}

void Shard::on_state(TorrentId id, TorrentState state) {
    tell(id, nullptr, [id, state](SessionEvents& events) { events.on_state(id, state); });
}

void Shard::on_finished(TorrentId id) {
    tell(id, session_->metainfo_of(id), [id](SessionEvents& events) { events.on_finished(id); });
}

void Shard::on_error(TorrentId id, const Error& error) {
    tell(id, nullptr, [id, error](SessionEvents& events) { events.on_error(id, error); });
}

void Shard::on_warning(TorrentId id, const std::string& text) {
    tell(id, nullptr, [id, text](SessionEvents& events) { events.on_warning(id, text); });
}

void Shard::on_peer_banned(TorrentId id, const Endpoint& peer) {
    tell(id, nullptr, [id, peer](SessionEvents& events) { events.on_peer_banned(id, peer); });
}

void Shard::write(LogLevel level, std::string_view text) {
    answer([this, level, line = std::string(text)] { owner_.on_log(level, line); });
}

}  // namespace spate::engine
