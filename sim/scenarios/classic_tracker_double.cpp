#include "sim/scenarios/classic_tracker_double.h"

#include <array>

#include "base/hex.h"
#include "classic/request_framer.h"
#include "classic/tracker_reply.h"
#include "hash/digest.h"

namespace spate::sim {

class TrackerDouble::Session final : public io::StreamHandler {
  public:
    Session(TrackerDouble& tracker, std::unique_ptr<io::Stream> stream)
        : tracker_(tracker),
          stream_(std::move(stream)),
          timer_(tracker.world_.reactor.make_timer([this] { tracker_.over(this); })) {
        stream_->set_handler(*this);
        stream_->wait_readable();
        timer_->arm(tracker_.world_.reactor.now() + std::chrono::seconds(10));
    }

    void on_readable() override {
        std::array<std::uint8_t, 4096> buffer;
        const auto got = stream_->read(buffer);
        if (!got || got->at_end) return tracker_.over(this);
        std::vector<classic::FramedRequest> requests;
        framer_.feed(Bytes(buffer).first(got->count), tracker_.world_.reactor.now(), requests);
        if (requests.empty() || replied_) return stream_->wait_readable();
        replied_ = true;
        reply_ = tracker_.reply_to(requests.front().line);
        on_writable();
    }
    void on_writable() override {
        while (!reply_.empty()) {
            const std::array parts{as_bytes(reply_)};
            const auto sent = stream_->write(parts);
            if (!sent) return tracker_.over(this);
            if (sent->would_block) return stream_->wait_writable();
            reply_.erase(0, sent->count);
        }
        stream_->shutdown_write();
        stream_->wait_readable();
    }

  private:
    TrackerDouble& tracker_;
    classic::RequestFramer framer_;
    std::string reply_;
    bool replied_ = false;
    std::unique_ptr<io::Stream> stream_;
    std::unique_ptr<io::Timer> timer_;
};

TrackerDouble::TrackerDouble(io::World& world, std::uint16_t port, std::shared_ptr<TrackerBoard> board)
    : world_(world), board_(std::move(board)) {
    if (auto listener = world_.network.listen({Address::v4(0, 0, 0, 0), port}, *this))
        listener_ = std::move(*listener);
}

TrackerDouble::~TrackerDouble() = default;

void TrackerDouble::on_accept(std::unique_ptr<io::Stream> stream) {
    auto session = std::make_unique<Session>(*this, std::move(stream));
    Session* key = session.get();
    sessions_.emplace(key, std::move(session));
}

void TrackerDouble::over(Session* session) {
    sessions_.erase(session);
}

std::string TrackerDouble::create(const classic::CreateTracker& request) {
    if (board_->files.contains(request.name)) return write_create_reply(classic::Outcome::ferr);
    classic::TrackerFile file{request.name, request.size, request.description, request.md5, {}, 0};
    file.peers.push_back({request.host, request.port, 0, request.size, world_.reactor.wall_now()});
    board_->on_claim(request.host, request.port, {0, request.size});
    board_->files.emplace(request.name, std::move(file));
    return write_create_reply(classic::Outcome::succ);
}

std::string TrackerDouble::update(const classic::UpdateTracker& request) {
    const auto it = board_->files.find(request.name);
    if (it == board_->files.end()) return write_update_reply(request.name, classic::Outcome::ferr);
    if (request.end > it->second.size) return write_update_reply(request.name, classic::Outcome::fail);
    std::erase_if(it->second.peers, [&](const classic::TrackerPeer& peer) {
        return peer.host == request.host && peer.port == request.port;
    });
    it->second.peers.push_back(
        {request.host, request.port, request.start, request.end, world_.reactor.wall_now()});
    board_->on_claim(request.host, request.port, {request.start, request.end});
    return write_update_reply(request.name, classic::Outcome::succ);
}

std::string TrackerDouble::reply_to(const std::string& line) {
    const classic::TrackerRequest request = classic::parse_tracker_request(line);
    if (const auto* created = std::get_if<classic::CreateTracker>(&request)) return create(*created);
    if (const auto* updated = std::get_if<classic::UpdateTracker>(&request)) return update(*updated);
    if (const auto* get = std::get_if<classic::GetTrackerFile>(&request)) {
        const auto it = board_->files.find(get->name);
        if (it == board_->files.end()) return classic::write_get_invalid();
        ++board_->gets;
        const std::string text = classic::write_tracker_file(it->second);
        return classic::write_get_reply(text, to_hex(hash::md5(as_bytes(text))));
    }
    if (std::holds_alternative<classic::ListRequest>(request)) {
        std::vector<classic::ListEntry> entries;
        for (const auto& [name, file] : board_->files) entries.push_back({name, file.size, file.md5});
        return classic::write_list_reply(entries);
    }
    return classic::write_unknown_command();
}

}  // namespace spate::sim
