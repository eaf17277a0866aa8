// ClassicGet: fetches an entry that only the classic protocol knows, from classic peers, as one more line
// beside the torrents. Its end is a file whose MD5 is right, or an error that was told. It is not shared on.
// Owner: the get command. Thread: the loop's.
#pragma once

#include <functional>
#include <set>

#include "apps/source_finder.h"
#include "apps/torrent_teller.h"
#include "classic_peer/receiver.h"
#include "engine/torrent_status.h"

namespace spate::apps {

class ClassicGet final : private classic_peer::PeerEvents {
  public:
    // `done` runs once, in a later turn.
    ClassicGet(io::World& world, const ClassicOnly& what, const std::string& folder, bool overwrite,
               TorrentTeller& teller, std::function<void(bool good)> done);
    ~ClassicGet() override;

    engine::TorrentStatus status() const { return status_; }
    // Saves what came; then calls back.
    void stop(io::Callback stopped) { receiver_.stop(std::move(stopped)); }

  private:
    void on_warning(const std::string& text) override;
    void on_file_found(const classic_peer::FileIdentity& file, std::uint64_t there) override;
    void on_received(const HostPort& peer, std::uint64_t bytes, std::uint64_t have,
                     std::uint64_t size) override;
    void on_checking(std::uint64_t size) override;
    void on_peer_shown_wrong(const HostPort& peer) override;
    void on_receiver_finished(classic_peer::ReceiverOutcome outcome, const Error& error) override;

    static constexpr std::size_t givers_max = 1000;

    io::World& world_;
    TorrentTeller& teller_;
    std::function<void(bool)> done_;
    engine::TorrentStatus status_;
    TimePoint started_;
    std::set<std::string> givers_;  // peers that something came from
    classic_peer::Receiver receiver_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::apps
