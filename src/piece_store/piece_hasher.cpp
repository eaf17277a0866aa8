#include "piece_store/piece_hasher.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "hash/merkle.h"

namespace spate::piece_store {
namespace {

using Outcome = PieceVerdict::Outcome;

// Windows that start at the same place of a page compete for the same few cache sets.
constexpr std::size_t window_gap = 192;

std::uint32_t piece_size(const PieceTask& task) {
    return task.files->layout().piece_size(task.piece);
}
std::uint32_t data_size(const PieceTask& task) {
    return task.files->layout().piece_data_size(task.piece);
}
std::uint64_t piece_offset(const PieceTask& task) {
    return task.files->layout().piece_offset(task.piece);
}
std::uint32_t segment_size(const PieceTask& task, std::uint32_t segment) {
    return std::min(segment_bytes, piece_size(task) - segment * segment_bytes);
}
bool failed(const PieceTask& task) {
    return task.verdict.outcome == Outcome::error;
}

}  // namespace

void PieceHasher::fail_task(PieceTask& task, const Error& error) {
    if (failed(task)) return;
    task.verdict.outcome = Outcome::error;
    task.verdict.error = error;
}

// What of a segment in memory is on disk only is read in, pads are zeros whatever came for them.
Result<void> PieceHasher::complete_segment(PieceTask& task, std::uint32_t index) {
    auto& segment = task.segments[index];
    const auto start = index * segment_bytes;
    const auto size = segment_size(task, index);
    const auto missing = static_cast<BlockBits>(segment.on_disk & ~segment.in_memory);
    for (const auto& run : runs_of(missing, size)) {
        const auto part = segment.buffer.bytes().subspan(run.offset, run.size);
        if (auto got = task.files->read(piece_offset(task) + start + run.offset, part); !got) return got;
    }
    for (const auto& slice : task.files->layout().slices(piece_offset(task) + start, size)) {
        if (!slice.pad) continue;
        const auto at =
            task.files->layout().file(slice.file).offset + slice.offset - piece_offset(task) - start;
        std::ranges::fill(segment.buffer.bytes().subspan(static_cast<std::size_t>(at),
                                                         static_cast<std::size_t>(slice.size)),
                          std::uint8_t{0});
    }
    return {};
}

void PieceHasher::prepare(PieceTask& task) {
    task.verdict.piece = task.piece;
    task.verdict.outcome = Outcome::good;
    for (std::uint32_t i = 0; i < task.segments.size(); ++i) {
        if (!task.segments[i].buffer) continue;
        if (auto complete = complete_segment(task, i); !complete) fail_task(task, complete.error());
    }
}

// The window's bytes of a piece; none beyond its end or when it failed.
Bytes PieceHasher::chunk(PieceTask& task, std::size_t place, std::uint32_t at) {
    if (failed(task) || at >= piece_size(task)) return {};
    const auto size = std::min(window, piece_size(task) - at);
    const auto index = at / segment_bytes;
    if (!task.segments.empty() && task.segments[index].buffer)
        return task.segments[index].buffer.bytes().subspan(at % segment_bytes, size);
    constexpr std::size_t stride = window + window_gap;
    if (scratch_.empty()) scratch_.resize(batch_max * stride);
    const MutableBytes into(scratch_.data() + place * stride, size);
    if (auto got = task.files->read(piece_offset(task) + at, into); !got) {
        fail_task(task, got.error());
        return {};
    }
    return into;
}

void PieceHasher::step(std::span<PieceTask> tasks, std::uint32_t at) {
    chunks_.clear();
    for (std::size_t place = 0; place < tasks.size(); ++place)
        chunks_.push_back(chunk(tasks[place], place, at));
}

// SHA-256 of the blocks in the window of the pieces that need it, pad files left out.
void PieceHasher::hash_blocks(std::span<PieceTask> tasks, std::uint32_t at) {
    blocks_.clear();
    const auto blocks_of = [&](std::size_t place) {
        const auto data = data_size(tasks[place]);
        const auto size = tasks[place].v2 && at < data ? data - at : 0;
        return chunks_[place].first(std::min<std::size_t>(chunks_[place].size(), size));
    };
    for (std::size_t place = 0; place < tasks.size(); ++place) {
        for (Bytes rest = blocks_of(place); !rest.empty();) {
            blocks_.push_back(rest.first(std::min<std::size_t>(metainfo::block_size, rest.size())));
            rest = rest.subspan(blocks_.back().size());
        }
    }
    if (blocks_.empty()) return;
    block_hashes_.resize(blocks_.size());
    hash::sha256_many(blocks_, block_hashes_);
    auto next = block_hashes_.begin();
    for (std::size_t place = 0; place < tasks.size(); ++place) {
        const auto count = metainfo::units(blocks_of(place).size(), metainfo::block_size);
        const auto end = next + static_cast<std::ptrdiff_t>(count);
        leaves_[place].insert(leaves_[place].end(), next, end);
        next = end;
    }
}

hash::Sha256 PieceHasher::root(const PieceTask& task, std::size_t place) const {
    const auto& layout = task.files->layout();
    const auto& file = layout.file(layout.file_at(layout.piece_offset(task.piece)));
    const auto& leaves = leaves_[place];
    const auto height = file.size <= layout.piece_length()
                            ? hash::tree_height(leaves.size())
                            : metainfo::piece_layer_height(layout.piece_length());
    return hash::subtree_root(leaves, 0, height);
}

void PieceHasher::decide(PieceTask& task, const hash::Sha1& v1, std::size_t place) {
    if (failed(task)) return;
    const bool good = (!task.v1 || *task.v1 == v1) && (!task.v2 || *task.v2 == root(task, place));
    task.verdict.outcome = good ? Outcome::good : Outcome::bad;
    if ((!good || task.want_blocks) && task.v2) task.verdict.blocks = leaves_[place];
}

// Once more over the few pieces of v1 torrents whose blocks are to be told apart.
void PieceHasher::hash_for_blame(std::span<PieceTask> tasks) {
    for (auto& task : tasks) {
        const bool wanted = !task.v2 && !failed(task) && !task.segments.empty() &&
                            (task.verdict.outcome == Outcome::bad || task.want_blocks);
        if (!wanted) continue;
        for (std::uint32_t at = 0; at < piece_size(task); at += window) {
            const auto bytes = chunk(task, 0, at);
            for (std::size_t i = 0; i < bytes.size(); i += metainfo::block_size) {
                const auto size = std::min<std::size_t>(metainfo::block_size, bytes.size() - i);
                task.verdict.blocks.push_back(hash::sha256(bytes.subspan(i, size)));
            }
        }
    }
}

void PieceHasher::write(PieceTask& task) {
    for (std::uint32_t i = 0; i < task.segments.size(); ++i) {
        auto& segment = task.segments[i];
        const bool goes = task.verdict.outcome == Outcome::good && segment.buffer;
        for (const auto& run : runs_of(goes ? segment.in_memory : BlockBits{0}, segment_size(task, i))) {
            const auto offset = piece_offset(task) + std::uint64_t{i} * segment_bytes + run.offset;
            const auto part = segment.buffer.bytes().subspan(run.offset, run.size);
            if (auto written = task.files->write(offset, part); !written) {
                task.unwritten = true;
                return fail_task(task, written.error());
            }
        }
        if (goes) segment.on_disk |= std::exchange(segment.in_memory, BlockBits{0});
        segment.buffer = {};
    }
}

void PieceHasher::run(std::span<PieceTask> tasks) {
    SPATE_ASSERT(tasks.size() <= batch_max);
    std::uint32_t longest = 0;
    bool any_v1 = false;
    bool any_v2 = false;
    for (auto& task : tasks) {
        prepare(task);
        longest = std::max(longest, piece_size(task));
        any_v1 |= task.v1.has_value();
        any_v2 |= task.v2.has_value();
    }
    for (auto& leaves : leaves_) leaves.clear();
    for (std::uint32_t at = 0; at < longest; at += window) {
        step(tasks, at);
        if (any_v2) hash_blocks(tasks, at);
        if (!any_v1) continue;
        for (std::size_t place = 0; place < tasks.size(); ++place)
            if (!tasks[place].v1) chunks_[place] = {};
        sha1_.update(chunks_);
    }
    std::array<hash::Sha1, batch_max> v1{};
    if (any_v1) sha1_.finish(std::span(v1).first(tasks.size()));
    for (std::size_t place = 0; place < tasks.size(); ++place) decide(tasks[place], v1[place], place);
    hash_for_blame(tasks);
    for (auto& task : tasks) write(task);
}

}  // namespace spate::piece_store
