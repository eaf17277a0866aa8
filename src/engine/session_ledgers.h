// SessionLedgers: what the sessions of one process, each on a network thread of its own, keep together: caps,
// rates, and who has which torrent. A session that is alone has all of it, and shares nothing with another
// thread. Owner: Shards, or the one Session. Thread: any.
#pragma once

#include "base/ledger.h"
#include "engine/classic_port.h"
#include "engine/inbound.h"
#include "engine/session.h"
#include "engine/shared_rate.h"
#include "engine/source_counts.h"
#include "engine/swarm_claims.h"

namespace spate::piece_store {
class ResumeDatabase;
}

namespace spate::engine {

struct SessionLedgers {
    SessionLedgers(const SessionOptions& options, unsigned its_sessions)
        : sessions(its_sessions),
          places(options.connections_max, sessions),
          half_open(options.half_open_max, sessions),
          arrivals(Inbound::arrivals_max, sessions),
          classic(ClassicPort::connections_max, sessions),
          write_bytes(options.write_budget, sessions),
          down(options.limits.down, sessions),
          up(options.limits.up, sessions) {}

    // A seat that nobody takes: its parts are the others'.
    void leave_empty(unsigned number) {
        for (Ledger* ledger : {&places, &half_open, &arrivals, &classic, &write_bytes}) Allowance{*ledger};
        SharedRate::Part{down, number};
        SharedRate::Part{up, number};
    }

    const unsigned sessions;
    Ledger places;  // for connections, those under way too
    Ledger half_open;
    Ledger arrivals;  // without a whole handshake
    Ledger classic;   // connections of classic peers
    Ledger write_bytes;
    SourceCounts arriving_sources;
    SourceCounts classic_sources;
    SharedRate down;
    SharedRate up;
    SwarmClaims swarms;
};

// Which of them a session is.
struct SessionSeat {
    SessionLedgers& ledgers;
    unsigned number = 0;
    // Of another thread, open, for all of them; null: it opens its own, if it is to keep one.
    piece_store::ResumeDatabase* resume = nullptr;

    bool alone() const { return ledgers.sessions == 1; }
};

}  // namespace spate::engine
