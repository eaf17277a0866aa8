// What the tests of the classic peer share: a tracker double, hosts with our peers on them, notes of their
// events, and a client that speaks by hand.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/hex.h"
#include "classic_peer/receiver.h"
#include "classic_peer/sender.h"
#include "hash/digest.h"
#include "sim/scenarios/classic_evil_peer.h"
#include "sim/scenarios/classic_tracker_double.h"
#include "sim/test_programs.h"

namespace spate::sim {

struct NotedEvents final : classic_peer::PeerEvents {
    void on_sentence(const std::string& text) override { sentences.push_back(text); }
    void on_warning(const std::string& text) override { warnings.push_back(text); }
    void on_file_found(const classic_peer::FileIdentity&, std::uint64_t bytes) override { there = bytes; }
    void on_received(const HostPort&, std::uint64_t bytes, std::uint64_t, std::uint64_t) override {
        received += bytes;
    }
    void on_peer_shown_wrong(const HostPort& peer) override { wrong.push_back(peer.host); }
    void on_receiver_finished(classic_peer::ReceiverOutcome result, const Error& why) override {
        outcome = result;
        error = why;
    }
    void on_announced(ByteRange range) override { announced.push_back(range); }
    void on_served(const Endpoint&, std::uint64_t bytes) override { served += bytes; }
    void on_sender_finished(const Error& why) override {
        ended = true;
        error = why;
    }

    std::vector<std::string> sentences, warnings, wrong;
    std::vector<ByteRange> announced;
    std::uint64_t there = 0, received = 0, served = 0;
    std::optional<classic_peer::ReceiverOutcome> outcome;
    bool ended = false;
    Error error;
};

// Connects, sends, and notes what comes until the other side closes.
class HandClient final : private io::StreamHandler {
  public:
    HandClient(io::World& world, const Endpoint& to, std::string text) : text_(std::move(text)) {
        pending_ = world.network.connect(to, [this](Result<std::unique_ptr<io::Stream>> stream) {
            if (!stream) {
                closed = true;
                return;
            }
            stream_ = std::move(*stream);
            stream_->set_handler(*this);
            stream_->wait_readable();
            on_writable();
        });
    }
    std::string reply;
    bool closed = false;

  private:
    void on_readable() override {
        std::array<std::uint8_t, 4096> buffer;
        const auto got = stream_->read(buffer);
        closed = !got || got->at_end;
        if (closed) return;
        reply += as_text(Bytes(buffer).first(got->count));
        stream_->wait_readable();
    }
    void on_writable() override {
        while (!text_.empty()) {
            const std::array parts{as_bytes(text_)};
            const auto sent = stream_->write(parts);
            if (!sent) return;
            if (sent->would_block) return stream_->wait_writable();
            text_.erase(0, sent->count);
        }
    }
    std::string text_;
    std::unique_ptr<io::Pending> pending_;
    std::unique_ptr<io::Stream> stream_;
};

// One sender or receiver as a program; it notes its events in a board that outlives it.
template <class Peer, class Options>
Program peer_program(Options options, std::shared_ptr<NotedEvents> events) {
    return [options, events](const ProgramStart& start) {
        auto peer = std::make_shared<Peer>(start.world, options, *events);
        peer->start();
        return std::shared_ptr<void>(peer, peer.get());
    };
}

class ClassicWorld {
  public:
    static constexpr const char* name = "movie.avi";
    static constexpr const char* path = "/data/movie.avi";

    explicit ClassicWorld(std::uint64_t size = 100'000)
        : testbed(7), tracker(testbed.add_host("tracker", plain_host())) {
        Rng rng(3);
        file.resize(size);
        for (char& byte : file) byte = static_cast<char>(rng.below(256));
        tracker.run("tracker", [board = board](const ProgramStart& start) {
            return std::make_shared<TrackerDouble>(start.world, 3456, board);
        });
    }

    Simulation& simulation() { return testbed.simulation(); }
    void run_for(Duration length) { simulation().run_for(length); }
    bool run_until(const std::function<bool()>& done, Duration limit = std::chrono::minutes(10)) {
        return simulation().run_until(done, limit);
    }
    Host& host(const std::string& host_name) { return testbed.add_host(host_name, plain_host()); }

    // The tracker knows the file, and this peer of it.
    void list_peer(Host& peer, std::uint16_t port, ByteRange range) {
        auto& entry = board->files[name];
        entry.name = name;
        entry.size = file.size();
        entry.md5 = md5();
        entry.peers.push_back({peer.address().text(), port, range.start, range.end, {1'750'000'000}});
    }
    std::string md5() const { return to_hex(hash::md5(as_bytes(file))); }

    Host& evil_peer(const std::string& host_name, Evil evil,
                    classic::ChunkForm only = classic::ChunkForm::get) {
        Host& peer = host(host_name);
        peer.run("evil", [this, evil, only](const ProgramStart& start) {
            return std::make_shared<EvilPeer>(start.world, 6666, evil, file, 1, only);
        });
        list_peer(peer, 6666, {0, file.size()});
        return peer;
    }
    // Waits until it is there.
    Process& sender(Host& peer, classic_peer::SenderOptions options, std::shared_ptr<NotedEvents> events) {
        peer.disk().put(path, as_bytes(file));
        options.tracker = {"tracker", 3456};
        options.folder = "/data";
        options.file = name;
        options.serving.listen = {Address::v4(0, 0, 0, 0), 6361};
        return peer.run("sender", peer_program<classic_peer::Sender>(options, std::move(events)));
    }
    Process& receiver(Host& peer, classic_peer::ReceiverOptions options,
                      std::shared_ptr<NotedEvents> events) {
        options.tracker = {"tracker", 3456};
        options.folder = "/data";
        options.serving.listen = {Address::v4(0, 0, 0, 0), 6366};
        return peer.run("receiver", peer_program<classic_peer::Receiver>(options, std::move(events)));
    }
    // What is at `path` now.
    std::optional<std::string> content(Host& peer, const std::string& at = path) {
        const auto bytes = peer.disk().get(at);
        if (!bytes) return std::nullopt;
        return std::string(as_text(*bytes));
    }

    Testbed testbed;
    std::string file;
    std::shared_ptr<TrackerBoard> board = std::make_shared<TrackerBoard>();
    Host& tracker;
};

}  // namespace spate::sim
