#include "piece_store/piece_reader.h"

#include <algorithm>
#include <iterator>
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
      seat_(std::make_shared<DiskSeat>(resources.reads(), [this] { return begin_job(); })),
      ahead_(std::make_shared<ReadAhead>(
          world.reactor, seat_, files_->layout(), [files = files_](const ReadAhead::Range& range) {
              files->will_need(files->layout().piece_offset(range.piece) + range.offset, range.size);
          })) {}

void PieceReader::detach() {
    owner_ = nullptr;
    loading_.clear();
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
    // Of a window nothing but a small part may be asked for: that is not worth the network thread's time.
    const auto rest = files_->layout().piece_size(piece) - offset;
    if (!window && length >= std::min(metainfo::block_size, rest)) window = read_at_once(range);
    if (!window) return std::nullopt;
    const auto bytes = window->bytes().subspan(offset - range.offset, length);
    return BlockView(std::move(window), bytes);
}

// Null: it is for a job.
Window PieceReader::read_at_once(Range window) {
    const TimePoint begun = world_.reactor.now();
    if (begun < cold_until_ || loading_.contains(window) || !resources_.reactor_reads().may_begin(begun))
        return nullptr;
    auto got = files_->cached_window(files_->layout().piece_offset(window.piece) + window.offset,
                                     resources_.windows().buffers().take(window.length), window.length);
    const TimePoint now = world_.reactor.now();
    resources_.reactor_reads().took(now - begun, window.length);
    if (!got || now - begun > ReactorReads::time_max) {
        cold_until_ = now + cold_for_;
        cold_for_ = std::min(cold_for_ * 2, cold_max);
    } else {
        cold_for_ = cold_min;
    }
    if (!got) return nullptr;
    ahead_->on_read(window.piece, window.offset, {});
    resources_.windows().put(key(window), got);
    return got;
}

void PieceReader::read(PieceIndex piece, std::uint32_t offset, std::uint32_t length, Done done) {
    const Range block{piece, offset, length};
    const auto window = window_of(block);
    // One that is being read ahead has an entry, and nobody waiting yet: it must not be loaded twice.
    const auto [entry, is_new] = loading_.try_emplace(window);
    entry->second.waiting.push_back({block, std::move(done)});
    if (!is_new) return;
    entry->second.number = ++last_number_;
    want({window, last_number_}, offset == window.offset && is_window(window));
}

// ahead: the windows behind it too, as far as nobody waits for them already.
void PieceReader::want(Numbered first, bool ahead) {
    const auto piece = first.window.piece;
    const auto size = files_->layout().piece_size(piece);
    Loads loads{first};
    while (ahead && loads.size() < windows_ahead && loads.back().window.offset + window_bytes < size) {
        const auto next = window_of({piece, loads.back().window.offset + window_bytes, 1});
        if (resources_.windows().find(key(next)) || !loading_.try_emplace(next, last_number_ + 1).second)
            break;
        loads.push_back({next, ++last_number_});
    }
    to_load_.push_back(std::move(loads));
    seat_->want();
}

bool PieceReader::is_wanted(const Numbered& load) const {
    const auto found = loading_.find(load.window);
    return found != loading_.end() && found->second.number == load.number;
}

// What is told early is read sooner than what waits its turn here.
bool PieceReader::begin_job() {
    if (ahead_->begin_job()) return true;
    while (!to_load_.empty()) {
        auto loads = std::move(to_load_.front());
        to_load_.pop_front();
        std::erase_if(loads, [&](const Numbered& one) { return !is_wanted(one); });
        if (loads.empty()) continue;
        load(std::move(loads));
        return true;
    }
    return false;
}

void PieceReader::load(Loads loads) {
    struct Part {
        Range window;
        Buffer buffer;
    };
    std::vector<Part> parts;
    for (const auto& one : loads)
        parts.push_back({one.window, resources_.windows().buffers().take(one.window.length)});
    run_job(
        *seat_, weak_from_this(),
        [files = files_, parts = std::move(parts), &clock = world_.reactor]() mutable {
            const auto begun = clock.now();
            std::vector<Read> results;
            for (auto& [window, buffer] : parts) {
                const auto offset = files->layout().piece_offset(window.piece) + window.offset;
                results.push_back(files->window(offset, std::move(buffer), window.length));
            }
            return JobDone{std::move(results), clock.now() - begun};
        },
        [loads = std::move(loads)](PieceReader& self, JobDone job) { self.loaded(loads, std::move(job)); });
}

void PieceReader::loaded(const Loads& loads, JobDone job) {
    const auto keep_alive = shared_from_this();
    for (std::size_t i = 0; i < loads.size() && owner_ != nullptr; ++i)
        if (is_wanted(loads[i])) answer(loads[i].window, std::move(job.results[i]), job.took);
}

void PieceReader::answer(Range window, Read result, Duration took) {
    auto waiting = std::move(loading_.at(window).waiting);
    loading_.erase(window);
    if (result && is_window(window)) resources_.windows().put(key(window), *result);
    for (auto& [block, done] : waiting) {
        if (owner_ == nullptr) return;
        ahead_->on_read(block.piece, block.offset, took);
        if (!result) {
            done(fail(result.error().error));
            continue;
        }
        const auto bytes = (*result)->bytes().subspan(block.offset - window.offset, block.length);
        done(BlockView(*result, bytes));
    }
    if (!result && owner_ != nullptr) owner_->on_read_failed(window.piece, result.error());
}

// Whoever reads it when it is right again must not be given what was read before, so that is forgotten.
void PieceReader::drop(PieceIndex piece) {
    resources_.windows().drop_piece(files_->id(), piece.value);
    std::vector<Waiting> waiting;
    const auto first = loading_.lower_bound({piece});
    auto end = first;
    for (; end != loading_.end() && end->first.piece == piece; ++end) {
        std::ranges::move(end->second.waiting, std::back_inserter(waiting));
    }
    loading_.erase(first, end);
    if (waiting.empty()) return;
    world_.reactor.post([weak = weak_from_this(), waiting = std::move(waiting)]() mutable {
        const auto self = weak.lock();
        for (auto& one : waiting) {
            if (!self || self->owner_ == nullptr) return;
            one.done(fail(Error::invalid("read", "piece", "it was lost meanwhile", std::errc::io_error)));
        }
    });
}

}  // namespace spate::piece_store
