#include "engine/hash_answers.h"

#include <algorithm>
#include <utility>

#include "hash/lanes.h"

namespace spate::engine {
namespace {

constexpr std::uint32_t window_bytes = 256 << 10;                   // read and hashed at once
constexpr std::uint64_t leaf_bytes_free = std::uint64_t{64} << 20;  // beside twice the torrent

std::vector<hash::Sha256> leaves_in(const piece_store::BlockView& view) {
    std::vector<Bytes> blocks;
    for (std::size_t at = 0; at < view.bytes().size(); at += metainfo::block_size)
        blocks.push_back(
            view.bytes().subspan(at, std::min<std::size_t>(metainfo::block_size, view.bytes().size() - at)));
    std::vector<hash::Sha256> leaves(blocks.size());
    hash::sha256_many(blocks, leaves);
    return leaves;
}

}  // namespace

const metainfo::File* HashAnswers::file_of(const hash::Sha256& root) const {
    const metainfo::Metainfo& metainfo = parts_.content->metainfo();
    if (!metainfo.info.has_v2() || root == hash::Sha256{}) return nullptr;
    const auto files = metainfo.info.layout.files();
    const auto file = std::ranges::find(files, root, &metainfo::File::pieces_root);
    return file == files.end() || file->size == 0 ? nullptr : &*file;
}

const HashAnswers::Tree* HashAnswers::known(const hash::Sha256& root) {
    const auto found = std::ranges::find(trees_, root, &Tree::root);
    if (found == trees_.end()) return nullptr;
    trees_.splice(trees_.begin(), trees_, found);
    return &trees_.front();
}

const HashAnswers::Tree* HashAnswers::tree_of(const hash::Sha256& root) {
    if (const Tree* tree = known(root)) return tree;
    const metainfo::File* file = file_of(root);
    if (file == nullptr) return nullptr;
    const metainfo::Metainfo& metainfo = parts_.content->metainfo();
    const metainfo::FileLayout& layout = metainfo.info.layout;
    const metainfo::FileIndex index(static_cast<std::uint32_t>(file - layout.files().data()));
    const wire::HashTree shape = wire::hash_tree(layout, index);
    const auto layer = metainfo.piece_layers.find(root);
    if (shape.pieces() > 1 && layer.empty()) return nullptr;
    if (trees_.size() >= trees_max) trees_.pop_back();
    trees_.push_front({root, layout.pieces_of(index).first, wire::PieceTree(shape, layer)});
    return &trees_.front();
}

// Building a tree is work: not for a request that is not valid, nor again and again for one peer.
bool HashAnswers::may_ask(Peer& peer, const wire::HashRequest& request) {
    if (const Tree* tree = known(request.root))
        return wire::is_valid_hash_request(request, tree->pieces.tree());
    const metainfo::File* file = file_of(request.root);
    if (file == nullptr) return false;
    const metainfo::FileLayout& layout = parts_.content->metainfo().info.layout;
    const metainfo::FileIndex index(static_cast<std::uint32_t>(file - layout.files().data()));
    const wire::HashTree shape = wire::hash_tree(layout, index);
    constexpr std::uint64_t pieces_a_request = 256;
    peer.hash_requests += static_cast<std::uint32_t>(shape.pieces() / pieces_a_request);
    return wire::is_valid_hash_request(request, shape);
}

void HashAnswers::answer(Peer& peer, const wire::HashRequest& request) {
    const Tree* tree = may_ask(peer, request) ? tree_of(request.root) : nullptr;
    if (tree == nullptr) return peer.connection.send(wire::HashReject{request});
    const metainfo::PieceRange of_file = wire::pieces_for(request, tree->pieces.tree());
    if (!of_file.empty())
        return wait_for_leaves(peer, request,
                               {metainfo::PieceIndex(tree->first.value + of_file.first.value),
                                metainfo::PieceIndex(tree->first.value + of_file.end.value)});
    const auto hashes = tree->pieces.answer(request);
    peer.connection.send(wire::Hashes{request, wire::octets(hashes)});
}

void HashAnswers::wait_for_leaves(Peer& peer, const wire::HashRequest& request,
                                  const metainfo::PieceRange& pieces) {
    const metainfo::FileLayout& layout = parts_.content->metainfo().info.layout;
    const metainfo::Bitfield& have = parts_.content->store().have();
    const auto of_peer = std::ranges::count(waiting_, peer.number, &Waiting::number);
    bool good = waiting_.size() < waiting_max && static_cast<std::size_t>(of_peer) < peer_waiting_max &&
                pieces.end.value - pieces.first.value <= pieces_max;
    std::uint64_t bytes = 0;
    for (auto piece = pieces.first; good && piece != pieces.end; ++piece) {
        bytes += layout.piece_data_size(piece);
        good = have.has(piece) && bytes <= leaves_max * metainfo::block_size;
    }
    good = good && peer.leaf_bytes + bytes <= leaf_bytes_free + layout.total_size() * 2;
    if (!good) return peer.connection.send(wire::HashReject{request});
    peer.leaf_bytes += bytes;
    waiting_.push_back({peer.key, peer.number, request, pieces});
    go_on();
}

const HashAnswers::Kept* HashAnswers::kept(metainfo::PieceIndex piece) const {
    const auto found = std::ranges::find(kept_, piece, &Kept::piece);
    return found == kept_.end() ? nullptr : &*found;
}

void HashAnswers::go_on() {
    while (!waiting_.empty() && !reading_) {
        const Waiting& first = waiting_.front();
        const Peer* peer = parts_.peers.find(first.key);
        auto piece = first.pieces.first;
        while (piece != first.pieces.end && kept(piece) != nullptr) ++piece;
        if (peer == nullptr || peer->number != first.number || piece == first.pieces.end) {
            finish(true);
        } else {
            reading_ = Reading{piece, {}};
            read_on();
        }
    }
}

void HashAnswers::read_on() {
    const std::uint32_t size = parts_.content->metainfo().info.layout.piece_data_size(reading_->piece);
    const auto at = static_cast<std::uint32_t>(reading_->leaves.size()) * metainfo::block_size;
    if (at >= size) return piece_read();
    parts_.content->store().read(reading_->piece, at, std::min(window_bytes, size - at),
                                 [this, alive = alive_](Result<piece_store::BlockView> view) {
                                     if (!*alive) return;
                                     if (view) return hash(std::move(*view));
                                     finish(false);
                                     go_on();
                                 });
}

void HashAnswers::hash(piece_store::BlockView view) {
    struct Work {
        piece_store::BlockView view;
        Leaves leaves;
    };
    const auto work = std::make_shared<Work>(Work{std::move(view), {}});
    parts_.share.world.pool.submit([work] { work->leaves = leaves_in(work->view); },
                                   [this, work, alive = alive_] {
                                       work->view = {};  // on this thread
                                       if (!*alive) return;
                                       Leaves& leaves = reading_->leaves;
                                       leaves.insert(leaves.end(), work->leaves.begin(), work->leaves.end());
                                       read_on();
                                   });
}

void HashAnswers::piece_read() {
    const metainfo::Metainfo& metainfo = parts_.content->metainfo();
    const unsigned height = metainfo::piece_layer_height(metainfo.info.layout.piece_length());
    const auto right = metainfo.v2_piece_hash(reading_->piece);
    const Tree* tree = tree_of(waiting_.front().request.root);
    // A file within one piece has a tree of its own height.
    const unsigned levels = tree == nullptr ? 0 : std::min(height, tree->pieces.tree().height());
    const bool good = right && tree != nullptr && hash::subtree_root(reading_->leaves, 0, levels) == *right;
    if (good) {
        if (kept_.size() >= pieces_kept) kept_.pop_front();
        kept_.push_back({reading_->piece, std::move(reading_->leaves)});
        reading_.reset();
    } else {
        finish(false);
    }
    go_on();
}

HashAnswers::Leaves HashAnswers::leaves_of(const metainfo::PieceRange& pieces) const {
    Leaves leaves;
    for (auto piece = pieces.first; piece != pieces.end; ++piece) {
        const Leaves& of_piece = kept(piece)->leaves;
        leaves.insert(leaves.end(), of_piece.begin(), of_piece.end());
    }
    return leaves;
}

// The first that waits is over: `answered` with what is kept now, or rejected.
void HashAnswers::finish(bool answered) {
    reading_.reset();
    const Waiting first = std::move(waiting_.front());
    waiting_.pop_front();
    Peer* peer = parts_.peers.find(first.key);
    if (peer == nullptr || peer->number != first.number) return;
    const Tree* tree = tree_of(first.request.root);
    if (!answered || tree == nullptr) return peer->connection.send(wire::HashReject{first.request});
    const auto hashes = tree->pieces.answer(first.request, leaves_of(first.pieces));
    peer->connection.send(wire::Hashes{first.request, wire::octets(hashes)});
}

}  // namespace spate::engine
