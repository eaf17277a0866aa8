// PeerEvents: what a sender or receiver tells the outside while it works, for lines, bars or records. Every
// function does nothing unless overridden. Texts may hold names from the network and are already printable.
// Called on the reactor's thread, from inside the sender's or receiver's own work: do not destroy it there.
#pragma once

#include <cstdint>
#include <string>

#include "base/endpoint.h"
#include "base/error.h"
#include "base/range_set.h"
#include "classic_peer/resume_state.h"

namespace spate::classic_peer {

enum class ReceiverOutcome {
    received,       // whole, MD5 right, in place
    already_there,  // the file with that MD5 was in place before
    unverified,     // whole, but the entry has no usable MD5: kept as NAME.unverified
    wrong_md5,      // whole, MD5 wrong, and no other source had better bytes in time; not put in place
    timed_out,      // not whole in time; what came is kept for the next time
    failed,         // the disk or the folder; the error says what
};

class PeerEvents {
  public:
    virtual ~PeerEvents() = default;

    // The original programs' sentences, one line without its end.
    virtual void on_sentence(const std::string&) {}
    // Something is wrong that it copes with.
    virtual void on_warning(const std::string&) {}

    // Receiver. `there`: bytes that an earlier run had already fetched.
    virtual void on_file_found(const FileIdentity&, std::uint64_t /*there*/) {}
    // `have` bytes of `size` are there; `bytes` more came from this peer.
    virtual void on_received(const HostPort& /*peer*/, std::uint64_t /*bytes*/, std::uint64_t /*have*/,
                             std::uint64_t /*size*/) {}
    virtual void on_checking(std::uint64_t /*size*/) {}
    virtual void on_peer_shown_wrong(const HostPort&) {}
    // Last, but for a receiver that goes on as a seed. `error` for failed.
    virtual void on_receiver_finished(ReceiverOutcome, const Error& /*error*/) {}

    // Sender, and a receiver that seeds.
    virtual void on_listening(const Endpoint&) {}
    virtual void on_announced(ByteRange) {}
    virtual void on_served(const Endpoint& /*to*/, std::uint64_t /*bytes*/) {}
    // `error` empty (no code): all that `once` waited for was fetched.
    virtual void on_sender_finished(const Error& /*error*/) {}
};

}  // namespace spate::classic_peer
