// MessageRouter: what each message of a peer means, and which part of the torrent it is for. One overload a
// message; a new message is one more. Owner: ConnectedPeers. Thread: the reactor's.
#pragma once

#include <span>

#include "engine/hash_answers.h"
#include "engine/torrent_parts.h"
#include "wire/event.h"

namespace spate::engine {

class RouterOwner {
  public:
    virtual ~RouterOwner() = default;
    virtual void close_peer(Peer& peer, wire::CloseReason reason) = 0;
};

class MessageRouter {
  public:
    static constexpr std::uint32_t hash_requests_max = 20'000;  // of one connection (row 47)
    // Octets that wait to be sent; then no metadata or hashes are added.
    static constexpr std::size_t answers_waiting_max = 128 << 10;

    MessageRouter(TorrentParts& parts, RouterOwner& owner)
        : parts_(parts), owner_(owner), hash_answers_(parts) {}

    void take(Peer& peer, std::span<const wire::Event> events);
    // Metadata requests that wait for room in the peer's output.
    void answer_metadata(Peer& peer);

  private:
    void on(Peer& peer, const wire::BlockBytes& message);
    void on(Peer& peer, const wire::Have& message);
    void on(Peer& peer, const wire::BitfieldMessage& message);
    void on(Peer& peer, const wire::HaveAll& message);
    void on(Peer& peer, const wire::HaveNone& message);
    void on(Peer& peer, const wire::DontHave& message);
    void on(Peer& peer, const wire::Request& message);
    void on(Peer& peer, const wire::Cancel& message);
    void on(Peer& peer, const wire::Reject& message);
    void on(Peer& peer, const wire::Choke& message);
    void on(Peer& peer, const wire::Unchoke& message);
    void on(Peer& peer, const wire::Interested& message);
    void on(Peer& peer, const wire::NotInterested& message);
    void on(Peer& peer, const wire::SuggestPiece& message);
    void on(Peer& peer, const wire::AllowedFast& message);
    void on(Peer& peer, const wire::Port& message);
    void on(Peer& peer, const wire::HashRequest& message);
    void on(Peer& peer, const wire::Hashes& message);
    void on(Peer& peer, const wire::HashReject& message);
    void on(Peer& peer, const wire::ExtensionHandshake& message);
    void on(Peer& peer, const wire::MetadataRequest& message);
    void on(Peer& peer, const wire::MetadataData& message);
    void on(Peer& peer, const wire::MetadataReject& message);
    void on(Peer& peer, const wire::Pex& message);
    void on(Peer& peer, const wire::UploadOnly& message);

    // False: it talked too much, and is left.
    bool may_talk(Peer& peer);
    void on_has_changed(Peer& peer);
    void leave_if_useless(Peer& peer);

    TorrentParts& parts_;
    RouterOwner& owner_;
    HashAnswers hash_answers_;
    TimePoint now_{};
};

}  // namespace spate::engine
