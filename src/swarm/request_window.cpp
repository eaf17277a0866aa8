#include "swarm/request_window.h"

#include <algorithm>
#include <utility>

#include "metainfo/geometry.h"

namespace spate::swarm {

namespace {
std::uint64_t bytes_in(Duration time, std::uint64_t bytes_per_second) {
    const auto seconds = std::chrono::duration<double>(time).count();
    return static_cast<std::uint64_t>(seconds * static_cast<double>(bytes_per_second));
}
}  // namespace

void RequestWindow::set_peer_queue(std::uint32_t reqq) {
    peer_queue_ = std::clamp(reqq, 1U, blocks_max);
}

void RequestWindow::add_rate(std::uint64_t bytes, Duration in) {
    const auto seconds = std::chrono::duration<double>(in).count();
    rates_[next_rate_] = static_cast<std::uint64_t>(static_cast<double>(bytes) / seconds);
    next_rate_ = static_cast<std::uint8_t>((next_rate_ + 1U) % rates_.size());
}

void RequestWindow::on_all_answered() {
    if (burst_bytes_ > 0) add_rate(burst_bytes_, std::max(heard_at_ - burst_at_, bucket_length()));
    burst_bytes_ = 0;
}

void RequestWindow::on_first_request(TimePoint now) {
    on_all_answered();
    burst_at_ = now;
    heard_at_ = now;
    bucket_at_ = now;
    bucket_bytes_ = 0;
}

void RequestWindow::on_block(std::uint32_t bytes, TimePoint asked_at, TimePoint now) {
    const auto delay = std::max<Duration>(now - asked_at, std::chrono::microseconds(1));
    heard_at_ = now;
    shortest_ = std::min(shortest_, delay);
    usual_ = usual_ == Duration{} ? delay : usual_ + (delay - usual_) / 8;
    bucket_bytes_ += bytes;
    burst_bytes_ += bytes;
    close_bucket(now);
    probe(delay, now);
}

Duration RequestWindow::bucket_length() const {
    return std::clamp<Duration>(shortest_, std::chrono::milliseconds(50), std::chrono::seconds(1));
}

void RequestWindow::close_bucket(TimePoint now) {
    const auto elapsed = now - bucket_at_;
    if (elapsed < bucket_length()) return;
    add_rate(bucket_bytes_, elapsed);
    bucket_at_ = now;
    bucket_bytes_ = 0;
}

// The queue runs dry for one usual delay; the shortest delay seen then is the new one.
void RequestWindow::probe(Duration delay, TimePoint now) {
    if (now < probe_ends_) {
        probe_shortest_ = std::min(probe_shortest_, delay);
        return;
    }
    if (probe_shortest_ != Duration::max()) shortest_ = std::exchange(probe_shortest_, Duration::max());
    if (now - probed_at_ < probe_interval) return;
    probed_at_ = now;
    probe_ends_ = now + usual_ + shortest_ * 2;
}

std::uint64_t RequestWindow::rate() const {
    return std::ranges::max(rates_);
}

std::uint32_t RequestWindow::blocks(TimePoint now) const {
    if (rate() == 0) return std::min(blocks_first, peer_queue_);
    constexpr Duration least_distance = std::chrono::milliseconds(20);
    const auto distance =
        now < probe_ends_ ? std::max<Duration>(shortest_ * 3 / 4, least_distance) : shortest_ * 2 + headroom;
    const auto blocks = metainfo::units(bytes_in(distance, rate()), metainfo::block_size);
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(std::max<std::uint64_t>(blocks, blocks_min), peer_queue_));
}

std::uint32_t RequestWindow::blocks_on_the_way() const {
    if (shortest_ == Duration::max()) return blocks_first;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(
        metainfo::units(bytes_in(shortest_, rate()), metainfo::block_size), peer_queue_));
}

TimePoint RequestWindow::snubbed_at() const {
    if (usual_ == Duration{}) return heard_at_ + snub_max;
    return heard_at_ + std::clamp<Duration>(usual_ * 8, snub_min, snub_max);
}

std::uint32_t share_of_rest(std::uint64_t missing_blocks, std::uint64_t its_rate, std::uint64_t rate_of_all) {
    if (its_rate == 0 || its_rate >= rate_of_all) return UINT32_MAX;
    const double share = static_cast<double>(missing_blocks) * static_cast<double>(its_rate) /
                         static_cast<double>(rate_of_all);
    return std::max(static_cast<std::uint32_t>(std::min<double>(share, UINT32_MAX)), share_min);
}

}  // namespace spate::swarm
