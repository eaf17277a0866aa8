#include "engine/shard_launch.h"

#include <string>
#include <utility>

namespace spate::engine {

// Several shards share a database of our own thread; one has its own.
void ShardLaunch::start(const std::vector<std::unique_ptr<Shard>>& shards, Done done) {
    shards_ = &shards;
    done_ = std::move(done);
    if (shards_->size() == 1 || options_.state_folder.empty()) return start_next();
    resume_ = std::make_unique<piece_store::ResumeDatabase>(world_);
    resume_->open(options_.state_folder, [this](Result<piece_store::ResumeDatabase::Opened> opened) {
        options_.state_folder.clear();
        if (opened && *opened) log_.warning((*opened)->message());
        if (!opened) {
            log_.warning("no resume state is kept: " + opened.error().message());
            resume_.reset();
        }
        start_next();
    });
}

void ShardLaunch::start_next() {
    SessionOptions options = options_;
    if (!ports_.empty() && options.port_last != 0) {
        if (ports_.back() >= options.port_last) return use_fewer(false);
        options.port_first = static_cast<std::uint16_t>(ports_.back() + 1);
    }
    options.must_listen = options.must_listen || !ports_.empty();
    const SessionSeat seat{ledgers_, static_cast<unsigned>(ports_.size()), resume_.get()};
    (*shards_)[ports_.size()]->start(options, seat,
                                     [this](Result<std::uint16_t> port) { on_port(std::move(port)); });
}

void ShardLaunch::on_port(Result<std::uint16_t> port) {
    if (!port && ports_.empty()) return std::exchange(done_, {})(fail(std::move(port.error())));
    if (!port) return use_fewer(true);
    ports_.push_back(*port);
    if (ports_.size() == shards_->size()) return std::exchange(done_, {})(ports_);
    *port == 0 ? use_fewer(false) : start_next();
}

// last_began: the session of the next one is there, but does not listen.
void ShardLaunch::use_fewer(bool last_began) {
    const std::string range =
        "ports " + std::to_string(options_.port_first) + " to " + std::to_string(options_.port_last);
    log_.warning("only " + std::to_string(ports_.back() == 0 ? 0 : ports_.size()) + " of the " + range +
                 " are free: " + std::to_string(ports_.size()) + " of " + std::to_string(shards_->size()) +
                 " shards are used");
    if (last_began) (*shards_)[ports_.size()]->end();
    for (std::size_t i = ports_.size() + (last_began ? 1 : 0); i < shards_->size(); ++i)
        ledgers_.leave_empty(static_cast<unsigned>(i));
    std::exchange(done_, {})(ports_);
}

}  // namespace spate::engine
