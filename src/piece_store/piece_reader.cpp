#include "piece_store/piece_reader.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "piece_store/pool_job.h"

namespace spate::piece_store {

using metainfo::PieceIndex;

PieceReader::PieceReader(io::World& world, Resources& resources, std::shared_ptr<FileSet> files,
                         ReaderOwner& owner)
    : world_(world),
      resources_(resources),
      files_(std::move(files)),
      owner_(&owner),
      ahead_(std::make_shared<ReadAhead>(
          world, files_->layout(), [files = files_](const ReadAhead::Range& range) {
              files->will_need(files->layout().piece_offset(range.piece) + range.offset, range.size);
          })) {}

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

bool PieceReader::is_window(Range range) const {
    return range.offset % window_bytes == 0 && window_of(range) == range;
}

WindowCache::Key PieceReader::key(Range window) const {
    return {files_->id(), window.piece.value, window.offset / window_bytes};
}

std::optional<BlockView> PieceReader::cached(PieceIndex piece, std::uint32_t offset, std::uint32_t length) {
    const auto range = window_of({piece, offset, length});
    if (!is_window(range)) return std::nullopt;
    auto window = resources_.windows().find(key(range));
    if (!window) return std::nullopt;
    const auto bytes = window->bytes().subspan(offset - range.offset, length);
    return BlockView(std::move(window), bytes);
}

void PieceReader::read(PieceIndex piece, std::uint32_t offset, std::uint32_t length, Done done) {
    const Range block{piece, offset, length};
    const auto window = window_of(block);
    // One that is being read ahead has an entry, and nobody waiting yet: it must not be loaded twice.
    const auto [entry, is_new] = waiting_.try_emplace(window);
    entry->second.waiting.push_back({block, world_.reactor.now(), std::move(done)});
    if (is_new) want(window, offset == window.offset && is_window(window));
}

// ahead: the windows behind it too, as far as nobody waits for them already.
void PieceReader::want(Range window, bool ahead) {
    std::vector<Range> windows{window};
    const auto size = files_->layout().piece_size(window.piece);
    while (ahead && windows.size() < windows_ahead && windows.back().offset + window_bytes < size) {
        const auto next = window_of({window.piece, windows.back().offset + window_bytes, 1});
        if (resources_.windows().find(key(next)) || !waiting_.try_emplace(next).second) break;
        windows.push_back(next);
    }
    to_load_.push_back(std::move(windows));
    start();
}

void PieceReader::start() {
    for (; loads_ < loads_max && !to_load_.empty(); to_load_.pop_front()) load(std::move(to_load_.front()));
}

void PieceReader::load(std::vector<Range> windows) {
    ++loads_;
    std::vector<Buffer> buffers;
    for (const auto& window : windows) buffers.push_back(resources_.windows().buffers().take(window.length));
    run_job(
        world_.pool, weak_from_this(),
        [files = files_, windows = std::move(windows), buffers = std::move(buffers)]() mutable {
            std::vector<Loaded> loaded;
            for (std::size_t i = 0; i < windows.size(); ++i) {
                const auto offset = files->layout().piece_offset(windows[i].piece) + windows[i].offset;
                loaded.push_back(
                    {windows[i], files->window(offset, std::move(buffers[i]), windows[i].length)});
            }
            return loaded;
        },
        [](PieceReader& self, std::vector<Loaded> loaded) { self.loaded(std::move(loaded)); });
}

void PieceReader::loaded(std::vector<Loaded> windows) {
    --loads_;
    const auto keep_alive = shared_from_this();
    for (auto& one : windows)
        if (owner_ != nullptr) answer(std::move(one));
    if (owner_ != nullptr) start();
}

void PieceReader::answer(Loaded loaded) {
    auto& [window, result] = loaded;
    auto [waiting, dropped] = std::move(waiting_.at(window));
    waiting_.erase(window);
    if (result && dropped)
        result = fail(
            ReadError{Error::invalid("read", "piece", "it was lost meanwhile", std::errc::io_error), {}});
    if (result && is_window(window)) resources_.windows().put(key(window), *result);
    for (auto& [block, asked, done] : waiting) {
        if (owner_ == nullptr) return;
        ahead_->on_read(block.piece, block.offset, world_.reactor.now() - asked);
        if (!result) {
            done(fail(result.error().error));
            continue;
        }
        const auto bytes = (*result)->bytes().subspan(block.offset - window.offset, block.length);
        done(BlockView(*result, bytes));
    }
    if (!result && !dropped && owner_ != nullptr) owner_->on_read_failed(window.piece, result.error());
}

void PieceReader::drop(PieceIndex piece) {
    resources_.windows().drop_piece(files_->id(), piece.value);
    for (auto load = waiting_.lower_bound({piece}); load != waiting_.end() && load->first.piece == piece;
         ++load)
        load->second.dropped = true;
}

}  // namespace spate::piece_store
