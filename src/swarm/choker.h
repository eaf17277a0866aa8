// Choker: whom to serve. Every round_interval the peers that are interested are ranked: by what they give us
// while we download (tit-for-tat), in turns while we seed; the best get slots, and one slot (or one in five)
// goes to a peer drawn at random every third round (optimistic). While there are no more peers than slots,
// everybody is served.
//
// - upload_only peers get none (one that says so later keeps its slot until the next round). Those not
//   interested rest in slots that nobody else wants: unchoked, so that the first request need not wait for a
//   round trip. Their turn begins with their interest.
// - Slots are for those that ask and read: who is interested and never does rests too. For each slot given in
//   vain, wasted_slots more are given, fewer each second, as long as those that ask are fewer than slots: a
//   crowd that never asks is gone through quickly.
// - Seeding: who has had its turn (turn_bytes or turn_time) goes behind those that wait; the slots of one
//   address range (/24, /48) are bounded by range_share while others wait (row 35).
// - Peers are equals of a fleet (`trusted`): no tit-for-tat between us, they are ranked as when seeding.
// Slots: given, or by the upload rate: slots_min, one more for each slot_rate, up to slots_max; local peers
// come on top, up to slots_max.
//
// Pure: candidates and `now` in, decisions out. State: 72 bytes a peer served. Owner: a torrent's uploads.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/endpoint.h"
#include "base/rng.h"
#include "base/time.h"
#include "swarm/block.h"

namespace spate::swarm {

struct ChokeCandidate {
    PeerKey peer;
    Address address{};
    bool interested = false;   // in us
    bool upload_only = false;  // BEP 21
    bool snubs_us = false;     // owes us blocks and is silent: no tit-for-tat for it
    bool local = false;        // on our network (address_kind.h)
    bool trusted = false;
    std::uint64_t rate_from = 0;  // bytes a second it gives us
    std::uint64_t rate_to = 0;    // ... and we give it
    std::uint64_t bytes_to = 0;   // we gave it in this connection
    TimePoint connected_at{};
};

struct ChokerOptions {
    std::uint32_t slots = 0;         // 0: by rate
    std::uint64_t upload_limit = 0;  // bytes a second; 0: none, then the measured rate counts
};

struct ChokeDecision {
    std::vector<PeerKey> unchoke;  // choked so far
    std::vector<PeerKey> choke;    // served so far
};

class Choker {
  public:
    static constexpr Duration round_interval = std::chrono::seconds(10);
    static constexpr std::uint32_t optimistic_rounds = 3;
    static constexpr std::uint32_t slots_min = 8;
    static constexpr std::uint32_t slots_max = 128;
    static constexpr std::uint64_t slot_rate = 128 << 10;
    static constexpr std::uint64_t turn_bytes = 8 << 20;
    static constexpr Duration turn_time = std::chrono::seconds(20);
    static constexpr std::uint32_t wasted_slots = 2;
    static constexpr std::uint32_t spare_memory = 8;  // one in so many of them goes each second
    // At most 1/range_share of the slots (at least one) for one range while others wait.
    static constexpr std::uint32_t range_share = 4;

    explicit Choker(ChokerOptions options) : options_(options) {}
    void set_options(ChokerOptions options) { options_ = options; }

    // Every round_interval. `upload_rate`: of the torrent, bytes a second.
    ChokeDecision round(std::span<const ChokeCandidate> peers, bool seeding, std::uint64_t upload_rate,
                        TimePoint now, Rng& rng);
    // Between rounds: a peer came, or became interested. True: there is a slot for it, serve it at once. Who
    // is not interested yet rests in it.
    bool fill_slot(const ChokeCandidate& peer, TimePoint now);
    // Between rounds: slots that are free, as after a departure or when the rate has grown, and those in
    // which somebody rests, for the best of those that are choked, ranges as in a round; then free ones for
    // who wants nothing yet.
    ChokeDecision fill_slots(std::span<const ChokeCandidate> choked, bool seeding, std::uint64_t upload_rate,
                             TimePoint now, Rng& rng);
    // No slot was free for it: who is to be choked (peer_gone) in its favour, because it rests or its address
    // range has more than its share; then it is given that slot. Nothing: it waits for the next round.
    std::optional<PeerKey> gives_way_to(const ChokeCandidate& peer) const;
    void give_slot(const ChokeCandidate& peer, TimePoint now);
    // It lost interest: it keeps its place and its turn, unchoked, until somebody else wants the slot.
    void rests(PeerKey peer);
    // It rests, or left, without having asked for anything in its slot.
    void wasted();
    // Every second or so; so many of those served have asked for something: when they are enough, no slots
    // are given beside the usual ones, and else fewer.
    void on_second(std::size_t asking);
    // It is interested, or is so again. True: it has its place still.
    bool goes_on(PeerKey peer, TimePoint now);
    // It was choked, or is gone.
    void peer_gone(PeerKey peer);

    bool serves(PeerKey peer) const;
    std::size_t served() const { return served_.size(); }

  private:
    struct Served {
        PeerKey peer;
        std::uint64_t bytes_before = 0;    // given to it before this turn
        std::optional<TimePoint> since{};  // of the turn; nothing: it was not interested yet
        bool local = false;
        bool optimistic = false;
        Address range{};
        bool rests = false;
        bool turn_is_over(std::uint64_t bytes_to, TimePoint now) const;
    };
    struct Ranked;
    bool has_room(std::span<const Served> served, bool local) const;
    bool by_hand() const { return options_.slots > 0; }
    std::uint32_t slots() const { return by_hand() ? options_.slots : slots_now_; }
    bool spare_is_left() const;
    std::size_t locals() const;
    std::optional<PeerKey> resting_for(const ChokeCandidate& peer) const;
    std::uint32_t slot_count(std::uint64_t upload_rate) const;
    std::vector<Ranked> rank(std::span<const ChokeCandidate> peers, bool seeding, TimePoint now,
                             Rng& rng) const;
    void add_optimistic(std::vector<Ranked>& ranked, std::size_t slots, Rng& rng);
    ChokeDecision change_to(std::span<const Ranked> chosen, TimePoint now);

    ChokerOptions options_;
    std::vector<Served> served_;
    std::uint32_t slots_now_ = slots_min;
    std::uint32_t spare_ = 0;  // beside them, for those that were given in vain
    std::uint32_t rounds_ = 0;
};

}  // namespace spate::swarm
