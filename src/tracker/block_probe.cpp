#include "tracker/block_probe.h"

#include <algorithm>
#include <array>
#include <utility>

#include "metainfo/bitfield.h"
#include "wire/write.h"

namespace spate::tracker {

namespace {

wire::Handshake handshake_for(const hash::Sha1& swarm, const wire::PeerId& our_id) {
    wire::Handshake handshake;
    handshake.reserved.octets[7] = 0x04;  // BEP 6: one message says that they have everything
    handshake.swarm = swarm;
    handshake.peer_id = our_id;
    return handshake;
}

constexpr std::string_view no_answer = "it did not answer in time";

}  // namespace

struct BlockProbe::HashJob {
    ProbedPiece piece;
    std::vector<std::uint8_t> bytes;
    bool is_right = false;
};

BlockProbe::BlockProbe(io::World world, const Endpoint& peer, ProbePlan plan, const wire::PeerId& our_id,
                       OnFinding on_finding)
    : world_(world),
      plan_(std::move(plan)),
      ours_(handshake_for(plan_.swarm, our_id)),
      on_finding_(std::move(on_finding)),
      deadline_(world.reactor.make_timer([this] { end(Finding::Kind::unverified, std::string(no_answer)); })),
      over_at_(world.reactor.now() + time_max),
      has_(plan_.pieces.size()),
      self_(std::make_shared<BlockProbe*>(this)) {
    wait_at_most(first_word_max);
    connecting_ = world_.network.connect(
        peer, [this](Result<std::unique_ptr<io::Stream>> stream) { connected(std::move(stream)); });
}

BlockProbe::~BlockProbe() = default;

void BlockProbe::wait_at_most(Duration pause) {
    deadline_->arm(std::min(over_at_, world_.reactor.now() + pause));
}

void BlockProbe::connected(Result<std::unique_ptr<io::Stream>> stream) {
    if (!stream) return end(Finding::Kind::unverified, stream.error().message());
    stream_ = std::move(*stream);
    stream_->set_handler(*this);
    const auto octets = wire::to_bytes(ours_);
    unsent_.assign(octets.begin(), octets.end());
    send();
    stream_->wait_readable();
}

void BlockProbe::on_writable() {
    send();
    if (unsent_.empty()) stream_->wait_readable();
}

void BlockProbe::send() {
    if (unsent_.empty()) return;
    const std::array parts{Bytes(unsent_)};
    // A broken connection is found when it is read.
    const auto transfer = stream_->write(parts);
    if (!transfer) return;
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(transfer->count));
    if (!unsent_.empty()) stream_->wait_writable();
}

void BlockProbe::on_readable() {
    std::array<std::uint8_t, 32 * 1024> buffer;
    const auto transfer = stream_->read(buffer);
    if (!transfer) return end(Finding::Kind::unverified, transfer.error().message());
    if (transfer->at_end) return end(Finding::Kind::unverified, "it closed the connection");
    if (!take(Bytes(buffer).first(transfer->count))) return;
    send();
    // Who does not read what we ask makes no more of it.
    if (unsent_.empty()) stream_->wait_readable();
}

bool BlockProbe::take(Bytes bytes) {
    if (wire_ == nullptr) {
        const auto used = handshake_.feed(bytes);
        if (handshake_.state() == wire::HandshakeReader::State::refused) {
            end(Finding::Kind::unverified, "it does not speak BitTorrent");
            return false;
        }
        if (handshake_.state() == wire::HandshakeReader::State::reading) return true;
        if (!begin_messages(handshake_.handshake())) return false;
        bytes = bytes.subspan(used);
    }
    std::vector<wire::Event> events;
    const auto fed = wire_->feed(bytes, events);
    for (const auto& event : events) {
        if (!take_event(event)) return false;
    }
    if (!fed) end(Finding::Kind::unverified, fed.error().text());
    return fed.has_value();
}

bool BlockProbe::begin_messages(const wire::Handshake& theirs) {
    if (theirs.swarm != ours_.swarm) {
        end(Finding::Kind::unverified, "it answered for another torrent");
        return false;
    }
    wire::WireOptions options;
    options.fast = theirs.reserved.fast();
    options.piece_count = plan_.piece_count;
    wire_ = std::make_unique<wire::PeerWire>(options);
    if (options.fast) wire::append(unsent_, wire::HaveNone{});
    wire::append(unsent_, wire::Interested{});
    begin_piece();
    wait_at_most(first_block_max);
    return true;
}

bool BlockProbe::take_event(const wire::Event& event) {
    if (const auto* block = std::get_if<wire::BlockBytes>(&event)) return take_block(*block);
    if (const auto* have = std::get_if<wire::Have>(&event)) note_have(have->piece);
    if (std::holds_alternative<wire::HaveAll>(event)) has_.assign(has_.size(), true);
    if (const auto* bits = std::get_if<wire::BitfieldMessage>(&event)) {
        const auto bitfield = metainfo::Bitfield::from_bytes(bits->bytes, plan_.piece_count);
        for (std::size_t i = 0; bitfield && i < has_.size(); ++i)
            has_[i] = bitfield->has(plan_.pieces[i].index);
    }
    if (std::holds_alternative<wire::Unchoke>(event)) choked_ = false;
    if (std::holds_alternative<wire::Choke>(event)) {
        choked_ = true;
        if (++chokes_ > chokes_max) {
            end(Finding::Kind::unverified, "it chokes us again and again");
            return false;
        }
        for (auto& block : blocks_)  // with BEP 6 it rejects them too, which does no harm
            if (block.state == Block::State::asked) block.state = Block::State::unasked;
        asked_ = 0;
    }
    if (const auto* reject = std::get_if<wire::Reject>(&event)) {
        if (++rejected_ > rejects_max) {
            end(Finding::Kind::unverified, "it rejects what it is asked for");
            return false;
        }
        ask_again(reject->block);
    }
    ask();
    return true;
}

void BlockProbe::note_have(metainfo::PieceIndex piece) {
    for (std::size_t i = 0; i < has_.size(); ++i)
        if (plan_.pieces[i].index == piece) has_[i] = true;
}

void BlockProbe::ask_again(const wire::BlockRequest& request) {
    if (bytes_.empty() || request.piece != piece().index) return;
    const auto index = request.offset / metainfo::block_size;
    if (index >= blocks_.size() || blocks_[index].state != Block::State::asked) return;
    blocks_[index].state = Block::State::unasked;
    --asked_;
}

void BlockProbe::begin_piece() {
    bytes_.assign(piece().size, 0);
    blocks_.assign(metainfo::block_count(piece().size), {});
    asked_ = 0;
}

void BlockProbe::ask() {
    // Who lacks one of the pieces does not have it all: nothing more would be shown by the others.
    const bool has_all = std::ranges::all_of(has_, [](bool has) { return has; });
    if (choked_ || !has_all) return;
    for (std::uint32_t i = 0; i < blocks_.size() && asked_ < requests_max; ++i) {
        if (blocks_[i].state != Block::State::unasked) continue;
        const metainfo::BlockIndex block(i);
        blocks_[i].state = Block::State::asked;
        ++asked_;
        wire::append(unsent_, wire::Request{{piece().index, metainfo::block_offset(block),
                                             metainfo::block_length(piece().size, block)}});
    }
}

bool BlockProbe::take_block(const wire::BlockBytes& part) {
    const auto index = part.block.offset / metainfo::block_size;
    const bool is_asked =
        !bytes_.empty() && part.block.piece == piece().index && index < blocks_.size() &&
        part.block.offset % metainfo::block_size == 0 &&
        part.block.length == metainfo::block_length(piece().size, metainfo::BlockIndex(index)) &&
        blocks_[index].state == Block::State::asked;
    if (!is_asked) return true;  // passed over: a late answer
    std::ranges::copy(part.bytes, bytes_.begin() + part.block.offset + part.at);
    if (!part.complete()) return true;
    blocks_[index].state = Block::State::there;
    --asked_;
    wait_at_most(block_pause_max);
    const auto is_there = [](const Block& block) { return block.state == Block::State::there; };
    if (std::ranges::all_of(blocks_, is_there)) {
        hash_piece();
    } else {
        ask();
    }
    return true;
}

void BlockProbe::hash_piece() {
    auto job = std::make_shared<HashJob>();
    job->piece = piece();
    job->bytes = std::exchange(bytes_, {});
    blocks_.clear();
    world_.pool.submit([job] { job->is_right = job->piece.is(job->bytes); },
                       [job, still_there = std::weak_ptr<BlockProbe*>(self_)] {
                           if (const auto self = still_there.lock()) (*self)->hashed(job->is_right);
                       });
}

void BlockProbe::hashed(bool is_right) {
    if (!is_right) {
        return end(Finding::Kind::refused,
                   "its piece " + std::to_string(piece().index.value) + " is not what the metainfo says");
    }
    if (at_ + 1 == plan_.pieces.size()) return end(Finding::Kind::verified, {});
    ++at_;
    begin_piece();
    ask();
    send();
}

void BlockProbe::end(Finding::Kind kind, std::string reason) {
    const bool is_partial =
        reason == no_answer && wire_ != nullptr && !std::ranges::all_of(has_, [](bool has) { return has; });
    if (is_partial) reason = "it does not say that it has everything";
    deadline_->disarm();
    stream_.reset();
    auto on_finding = std::move(on_finding_);
    on_finding({kind, std::move(reason)});
}

}  // namespace spate::tracker
