// RequestWindow: how many blocks to have asked of a peer at once, so that it never runs dry: its rate x
// (twice the shortest delay of an answer + headroom), between blocks_min and what the peer takes (reqq). The
// rate is the best of the last few round trips, so a window that was the limit at least doubles with each;
// the shortest delay is measured anew every probe_interval, with a smaller window for a moment, lest our own
// queue be taken for distance.
//
// Also says when a peer is snubbed: nothing came for long, though asked. A value; pure. One thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace spate::swarm {

class RequestWindow {
  public:
    static constexpr std::uint32_t blocks_min = 4;
    static constexpr std::uint32_t blocks_first = 16;  // until something is measured
    static constexpr std::uint32_t blocks_max = 8192;
    static constexpr std::uint32_t default_peer_queue = 250;  // a peer that does not say its reqq
    // More of it makes all that is asked for wait longer, and a piece must be whole to be passed on. With
    // less, answers that wait longer than it in somebody's full uplink shrink rate and window, each by the
    // other.
    static constexpr Duration headroom = std::chrono::milliseconds(250);
    static constexpr Duration probe_interval = std::chrono::seconds(15);
    static constexpr Duration snub_min = std::chrono::seconds(10);
    static constexpr Duration snub_max = std::chrono::seconds(60);
    static constexpr Duration mute_time = std::chrono::seconds(6);

    explicit RequestWindow(TimePoint now)
        : bucket_at_(now), burst_at_(now), probed_at_(now), heard_at_(now) {}

    void set_peer_queue(std::uint32_t reqq);
    // A block came that was asked for at `asked_at` (BlockOutcome::asked_at).
    void on_block(std::uint32_t bytes, TimePoint asked_at, TimePoint now);
    // Something is asked of a peer that had nothing waiting: its silence counts from now.
    void on_first_request(TimePoint now);
    // Nothing waits at the peer any more. What came since the first request is a measure of its own, as all
    // of it may have come at once.
    void on_all_answered();

    // Blocks to have waiting at the peer; ask for more when it has less than three quarters of it.
    std::uint32_t blocks(TimePoint now) const;
    // What an answer's shortest delay takes at its rate: with fewer waiting it stands still meanwhile.
    std::uint32_t blocks_on_the_way() const;
    // Bytes a second, from answers.
    std::uint64_t rate() const;
    // From asking for a block to having it, smoothed; zero: none came yet.
    Duration answer_time() const { return usual_; }
    // While something is waiting at the peer: it has been silent for too long.
    bool snubbed(TimePoint now) const { return now >= snubbed_at(); }
    TimePoint snubbed_at() const;
    // Likewise: it never answered anything, for so long that others are to be tried.
    bool mute(TimePoint now) const { return usual_ == Duration{} && now - heard_at_ >= mute_time; }

  private:
    void close_bucket(TimePoint now);
    Duration bucket_length() const;
    void add_rate(std::uint64_t bytes, Duration in);
    void probe(Duration delay, TimePoint now);

    std::uint32_t peer_queue_ = default_peer_queue;
    std::array<std::uint64_t, 4> rates_{};  // of closed buckets
    std::uint8_t next_rate_ = 0;
    std::uint64_t bucket_bytes_ = 0;
    TimePoint bucket_at_;
    std::uint64_t burst_bytes_ = 0;  // since the last first request
    TimePoint burst_at_;
    TimePoint probed_at_;
    TimePoint heard_at_;
    TimePoint probe_ends_{};
    Duration shortest_ = Duration::max();
    Duration probe_shortest_ = Duration::max();
    Duration usual_{};  // delay, smoothed
};

// Near the end: of so many blocks that are missing, those that a peer brings until all could be there, if all
// who owe some bring as much as they did (bytes a second). What waits longer at it, others would have brought
// sooner. At least share_min; UINT32_MAX where nothing is known of it, or it is all there is.
inline constexpr std::uint32_t share_min = 2;
std::uint32_t share_of_rest(std::uint64_t missing_blocks, std::uint64_t its_rate, std::uint64_t rate_of_all);

}  // namespace spate::swarm
