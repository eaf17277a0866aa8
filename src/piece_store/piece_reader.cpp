#include "piece_store/piece_reader.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "piece_store/pool_job.h"

namespace spate::piece_store {

using metainfo::PieceIndex;

PieceReader::PieceReader(io::World& world, Resources& resources, std::shared_ptr<FileSet> files,
                         ReaderOwner& owner)
    : world_(world), resources_(resources), files_(std::move(files)), owner_(&owner) {}

void PieceReader::detach() {
    owner_ = nullptr;
    waiting_.clear();
    to_load_.clear();
    resources_.windows().drop_set(files_->id());
}

PieceReader::Range PieceReader::window_of(Range block) const {
    const auto start = block.offset / window_bytes * window_bytes;
    if (block.offset - start + block.length > window_bytes) return block;
    const auto size = files_->layout().piece_size(block.piece);
    return {block.piece, start, std::min(window_bytes, size - start)};
}

WindowCache::Key PieceReader::key(Range window) const {
    return {files_->id(), window.piece.value, window.offset / window_bytes};
}

std::optional<BlockView> PieceReader::cached(PieceIndex piece, std::uint32_t offset, std::uint32_t length) {
    const Range block{piece, offset, length};
    const auto window = window_of(block);
    if (window == block && length < window_bytes && offset % window_bytes != 0) return std::nullopt;
    const auto* const entry = resources_.windows().find(key(window));
    if (entry == nullptr || world_.reactor.now() - entry->checked > fresh_for) return std::nullopt;
    if (!entry->window->intact()) return std::nullopt;
    return BlockView(entry->window, entry->window->bytes().subspan(offset - window.offset, length));
}

void PieceReader::read(PieceIndex piece, std::uint32_t offset, std::uint32_t length, Done done) {
    const Range block{piece, offset, length};
    const auto window = window_of(block);
    auto& waiting = waiting_[window];
    waiting.push_back({block, std::move(done)});
    if (waiting.size() > 1) return;
    to_load_.push_back(window);
    start();
}

void PieceReader::start() {
    for (; loads_ < loads_max && !to_load_.empty(); to_load_.pop_front()) load(to_load_.front());
}

void PieceReader::load(Range window) {
    ++loads_;
    const auto* const entry = resources_.windows().find(key(window));
    auto known = entry != nullptr && entry->window->bytes().size() == window.length ? entry->window : nullptr;
    if (window.offset % window_bytes != 0) known = nullptr;
    run_job(
        world_.pool, weak_from_this(),
        [files = files_, window, known = std::move(known)]() mutable {
            const auto offset = files->layout().piece_offset(window.piece) + window.offset;
            return files->window(offset, window.length, std::move(known));
        },
        [window](PieceReader& self, Result<Window, ReadError> result) {
            self.loaded(window, std::move(result));
        });
}

void PieceReader::loaded(Range window, Result<Window, ReadError> result) {
    --loads_;
    if (owner_ == nullptr) return;
    const auto keep_alive = shared_from_this();
    const bool whole =
        window.offset % window_bytes == 0 && window_of({window.piece, window.offset, 1}) == window;
    if (result && whole) resources_.windows().put(key(window), {*result, world_.reactor.now()});
    auto waiting = std::move(waiting_.at(window));
    waiting_.erase(window);
    start();
    for (auto& [block, done] : waiting) {
        if (owner_ == nullptr) return;
        if (!result) {
            done(fail(result.error().error));
            continue;
        }
        const auto bytes = (*result)->bytes().subspan(block.offset - window.offset, block.length);
        done(BlockView(*result, bytes));
    }
    if (!result && owner_ != nullptr) owner_->on_read_failed(window.piece, result.error());
}

void PieceReader::drop(PieceIndex piece) {
    resources_.windows().drop_piece(files_->id(), piece.value);
}

}  // namespace spate::piece_store
