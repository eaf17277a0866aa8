// AnnounceSchedule: when the tiers of all torrents of a session announce. One timer and one queue for all of
// them, so that ten thousand torrents hold no timers, open no thousands of sockets at once and do not fall on
// one tracker together.
// Limits: in_flight_max announces at a time, per_host_max of them to one host (last words: in_flight_max);
// hosts take turns. Of several sessions in a process each has an equal part of those. A slot is in it at most
// once. Owner: Session, or whoever makes an Announcer. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "engine/udp_connections.h"
#include "io/reactor.h"

namespace spate::engine {

class AnnounceSchedule;

// Who announces, one announce at a time.
class AnnounceSlot {
  public:
    virtual ~AnnounceSlot();
    AnnounceSlot(const AnnounceSlot&) = delete;
    AnnounceSlot& operator=(const AnnounceSlot&) = delete;

  protected:
    explicit AnnounceSlot(AnnounceSchedule& schedule) : schedule_(schedule) {}
    AnnounceSchedule& schedule() { return schedule_; }

  private:
    friend class AnnounceSchedule;
    // Its time has come: the host it would ask. Empty: it asks nobody now, and may have set another time.
    virtual std::string announce_host() = 0;
    // It may ask that host. Until schedule().leave() or another at().
    virtual void on_announce() = 0;

    enum class Phase : std::uint8_t { out, timed, queued, asking };
    struct Host;
    AnnounceSchedule& schedule_;
    Phase phase_ = Phase::out;
    bool urgent_ = false;
    bool queued_first_ = false;  // which line place_ is in
    TimePoint due_{};
    std::uint64_t order_ = 0;  // among those of one time
    Host* host_ = nullptr;     // queued, asking
    std::list<AnnounceSlot*>::iterator place_{};
};

class AnnounceSchedule {
  public:
    static constexpr std::size_t in_flight_max = 256;
    static constexpr std::size_t per_host_max = 16;

    explicit AnnounceSchedule(io::Reactor& reactor, unsigned sessions = 1);
    ~AnnounceSchedule();
    AnnounceSchedule(const AnnounceSchedule&) = delete;
    AnnounceSchedule& operator=(const AnnounceSchedule&) = delete;

    enum class Urgency : std::uint8_t { usual, last_words };
    // Replaces an earlier time; one that waits for room already and is due keeps its place.
    void at(AnnounceSlot& slot, TimePoint due, Urgency urgency = Urgency::usual);
    void leave(AnnounceSlot& slot);
    std::size_t in_flight() const { return in_flight_; }
    UdpConnections& udp_connections() { return udp_connections_; }

  private:
    using Host = AnnounceSlot::Host;
    void run();
    void queue(AnnounceSlot& slot);
    void offer(Host& host);
    bool has_room(const Host& host) const;
    void drop_if_unused(Host& host);
    void arm();

    io::Reactor& reactor_;
    const std::size_t most_;
    const std::size_t most_of_host_;
    std::map<std::pair<TimePoint, std::uint64_t>, AnnounceSlot*> timed_;
    std::map<std::string, std::unique_ptr<Host>> hosts_;  // that are asked or are to be
    std::deque<Host*> ready_;                             // somebody waits, and room may be; each once
    UdpConnections udp_connections_;
    std::size_t in_flight_ = 0;
    std::uint64_t next_order_ = 1;
    std::unique_ptr<io::Timer> timer_;
};

}  // namespace spate::engine
