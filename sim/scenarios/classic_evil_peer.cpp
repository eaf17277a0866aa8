#include "sim/scenarios/classic_evil_peer.h"

#include <array>

#include "classic/chunk_request.h"
#include "classic/request_framer.h"

namespace spate::sim {

class EvilPeer::Session final : public io::StreamHandler {
  public:
    Session(EvilPeer& peer, std::unique_ptr<io::Stream> stream)
        : peer_(peer),
          stream_(std::move(stream)),
          timer_(peer.world_.reactor.make_timer([this] { trickle(); })) {
        stream_->set_handler(*this);
        stream_->wait_readable();
        if (peer_.evil_ == Evil::talks) send("HELLO, WHAT DO YOU WANT?\n");
    }

    void on_readable() override {
        std::array<std::uint8_t, 4096> buffer;
        const auto got = stream_->read(buffer);
        if (!got || got->at_end) return peer_.over(this);
        std::vector<classic::FramedRequest> requests;
        framer_.feed(Bytes(buffer).first(got->count), peer_.world_.reactor.now(), requests);
        for (const auto& request : requests)
            if (!answer(request.line)) return peer_.over(this);
        stream_->wait_readable();
        flush();
    }
    void on_writable() override { flush(); }

  private:
    void send(std::string text) {
        output_ += text;
        flush();
    }

    // False: close at once.
    bool answer(const std::string& line) {
        const auto parsed = classic::parse_chunk_request(line);
        const auto* request = std::get_if<classic::ChunkRequest>(&parsed);
        if (request == nullptr) return true;
        auto chunk = classic::resolve_chunk_request(*request, peer_.file_.size());
        if (peer_.evil_ == Evil::knows_one_form && peer_.only_ == classic::ChunkForm::bare_length &&
            request->form == classic::ChunkForm::bare_get)  // it has no other way to read this
            chunk = {peer_.only_, ByteRange{request->first, request->first + request->second}};
        if (peer_.evil_ == Evil::knows_one_form && chunk.form != peer_.only_) {
            output_ += "<GET invalid>\n";
            closes_ = true;
            return true;
        }
        if (!chunk.range || chunk.range->end > peer_.file_.size()) return true;
        std::string data = peer_.file_.substr(chunk.range->start, chunk.range->size());
        if (peer_.evil_ == Evil::silent || peer_.evil_ == Evil::talks) return true;
        if (peer_.evil_ == Evil::closes) return false;
        if (peer_.evil_ == Evil::lies) data[data.size() / 2] = static_cast<char>(data[data.size() / 2] ^ 1);
        if (peer_.evil_ == Evil::lies_anew)
            for (char& byte : data) byte = static_cast<char>(peer_.rng_.below(256));
        std::string reply = classic::write_chunk_reply(chunk.form, *chunk.range, as_bytes(data));
        closes_ = !classic::keeps_connection_open(chunk.form);
        if (peer_.evil_ == Evil::refuses) reply = classic::write_chunk_refusal(chunk.form, "no");
        if (peer_.evil_ == Evil::sends_half) {
            reply.resize(reply.size() / 2);
            closes_ = true;
        }
        if (peer_.evil_ == Evil::sends_more) reply += "and more";
        if (peer_.evil_ == Evil::trickles) {
            slow_ += reply;
            trickle();
            return true;
        }
        output_ += reply;
        return true;
    }

    void trickle() {
        if (slow_.empty()) return;
        output_ += slow_.front();
        slow_.erase(0, 1);
        timer_->arm(peer_.world_.reactor.now() + std::chrono::seconds(1));
        flush();
    }

    void flush() {
        if (peer_.evil_ == Evil::never_ends && output_.empty() && closes_) output_.assign(4096, 'x');
        while (!output_.empty()) {
            const std::array parts{as_bytes(output_)};
            const auto sent = stream_->write(parts);
            if (!sent) return;  // the end of the input tells
            if (sent->would_block) return stream_->wait_writable();
            output_.erase(0, sent->count);
        }
        if (peer_.evil_ == Evil::never_ends && closes_) return stream_->wait_writable();
        if (closes_ && slow_.empty()) stream_->shutdown_write();
    }

    EvilPeer& peer_;
    classic::RequestFramer framer_;
    std::string output_;
    std::string slow_;
    bool closes_ = false;
    std::unique_ptr<io::Stream> stream_;
    std::unique_ptr<io::Timer> timer_;
};

EvilPeer::EvilPeer(io::World& world, std::uint16_t port, Evil evil, std::string file, std::uint64_t seed,
                   classic::ChunkForm only)
    : world_(world), evil_(evil), file_(std::move(file)), rng_(seed), only_(only) {
    if (auto listener = world_.network.listen({Address::v4(0, 0, 0, 0), port}, *this))
        listener_ = std::move(*listener);
}

EvilPeer::~EvilPeer() = default;

void EvilPeer::on_accept(std::unique_ptr<io::Stream> stream) {
    if (sessions_.size() > 256) return;
    auto session = std::make_unique<Session>(*this, std::move(stream));
    Session* key = session.get();
    sessions_.emplace(key, std::move(session));
}

void EvilPeer::over(Session* session) {
    sessions_.erase(session);
}

}  // namespace spate::sim
