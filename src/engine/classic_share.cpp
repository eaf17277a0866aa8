#include "engine/classic_share.h"

#include <algorithm>
#include <utility>

namespace spate::engine {

ClassicShare::ClassicShare(io::World& world, ClassicPort& port, std::string name,
                           const metainfo::FileLayout& layout, piece_store::PieceStore& store,
                           const metainfo::Bitfield& shown, swarm::RateLimiter& up)
    : world_(world),
      port_(port),
      layout_(layout),
      store_(store),
      shown_(shown),
      up_(up),
      served_{std::move(name), classic_peer::Offer(layout.total_size()), *this},
      rate_timer_(world.reactor.make_timer([this] { on_rate(); })) {
    offer_again();
    port_.add(*this);
}

ClassicShare::~ClassicShare() {
    *alive_ = false;
    port_.remove(*this);
}

void ClassicShare::on_there(metainfo::PieceIndex piece) {
    const std::uint64_t start = layout_.piece_offset(piece);
    served_.offer.announce({start, start + layout_.piece_data_size(piece)});
    port_.offer_changed(*this);
}

void ClassicShare::offer_again() {
    served_.offer.withdraw();
    for (auto piece = shown_.next_set({}); piece; piece = shown_.next_set(piece->next())) on_there(*piece);
}

// Blocks never cross the border of a window.
std::vector<ClassicShare::Part> ClassicShare::parts(ByteRange range) const {
    std::vector<Part> all;
    for (std::uint64_t at = range.start; at < range.end;) {
        const std::uint64_t in_piece = at % layout_.piece_length();
        const std::uint64_t left = std::min(metainfo::block_size - in_piece % metainfo::block_size,
                                            layout_.piece_length() - in_piece);
        const std::uint64_t length = std::min(left, range.end - at);
        all.push_back({metainfo::PieceIndex(static_cast<std::uint32_t>(at / layout_.piece_length())),
                       static_cast<std::uint32_t>(in_piece), static_cast<std::uint32_t>(length)});
        at += length;
    }
    return all;
}

bool ClassicShare::copy(ByteRange range, std::string& out) {
    const TimePoint now = world_.reactor.now();
    if (up_.available(range.size(), now) == 0) return false;
    const std::size_t before = out.size();
    for (const Part& part : parts(range)) {
        const auto view = store_.cached(part.piece, part.offset, part.length);
        if (!view) {
            out.resize(before);
            return false;
        }
        out += as_text(view->bytes());
    }
    up_.take(range.size(), now);
    return true;
}

void ClassicShare::load(ByteRange range, Done done) {
    for (const Part& part : parts(range)) {
        if (store_.cached(part.piece, part.offset, part.length)) continue;
        return store_.read(
            part.piece, part.offset, part.length,
            [done = std::move(done), alive = alive_](Result<piece_store::BlockView> view) mutable {
                if (!*alive) return;
                if (!view) return done(fail(view.error()));
                done({});
            });
    }
    waiting_.push_back(std::move(done));
    rate_timer_->arm(up_.ready_at(range.size(), world_.reactor.now()));
}

void ClassicShare::on_rate() {
    for (Done& done : std::exchange(waiting_, {})) done({});
}

}  // namespace spate::engine
