#include "creation/row_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/assert.h"

namespace spate::creation {
namespace {

// Windows that start at the same place of a page compete for the same few cache sets.
constexpr std::size_t window_gap = 192;

}  // namespace

RowReader::RowReader(const Content& content, const HashPlan& plan) : content_(content), plan_(plan) {}

void RowReader::start(metainfo::PieceRange row) {
    const auto& layout = content_.layout;
    pieces_.clear();
    for (auto piece = row.first; piece != row.end; ++piece) {
        Piece entry{layout.piece_offset(piece), layout.piece_size(piece)};
        entry.failed = !content_.has(entry.offset, entry.size);
        pieces_.push_back(entry);
    }
    SPATE_ASSERT(pieces_.size() <= plan_.streams);
    chunks_.assign(pieces_.size(), {});
}

bool RowReader::step() {
    std::ranges::fill(chunks_, Bytes{});
    if (std::ranges::all_of(pieces_, [](const Piece& piece) { return piece.left() == 0; })) return false;
    for (std::size_t place = 0; place < pieces_.size(); ++place)
        read(place, std::min<std::uint64_t>(plan_.window, pieces_[place].left()));
    return true;
}

void RowReader::read(std::size_t place, std::uint64_t size) {
    if (size == 0) return;
    auto& piece = pieces_[place];
    const std::size_t stride = plan_.window + window_gap;
    if (windows_.empty()) windows_.resize(plan_.streams * stride);
    MutableBytes rest(windows_.data() + place * stride, static_cast<std::size_t>(size));
    const Bytes chunk = rest;
    for (const auto& slice : content_.layout.slices(piece.offset + piece.done, size)) {
        const auto part = rest.first(static_cast<std::size_t>(slice.size));
        rest = rest.subspan(part.size());
        if (auto done = read_slice(slice, part); !done) return fail_piece(place, slice.file, done.error());
    }
    SPATE_ASSERT(rest.empty());
    chunks_[place] = chunk;
    piece.done += size;
}

Result<void> RowReader::read_slice(const metainfo::FileSlice& slice, MutableBytes into) {
    if (slice.pad) {
        std::ranges::fill(into, std::uint8_t{0});
        return {};
    }
    auto file = open(slice.file);
    if (!file) return fail(file.error());
    const auto count = (*file)->read_at(slice.offset, into);
    if (!count) return fail(count.error());
    if (*count < into.size())
        return fail(Error::system(ENODATA, "read", content_.places[slice.file.value].path));
    return {};
}

Result<io::File*> RowReader::open(metainfo::FileIndex file) {
    const auto found = std::ranges::find(open_files_, file, [](const auto& entry) { return entry.first; });
    if (found != open_files_.end()) {
        std::rotate(found, found + 1, open_files_.end());
        return open_files_.back().second.get();
    }
    auto opened = content_.folder->open(content_.places[file.value].path, io::OpenMode::read);
    if (!opened) return fail(opened.error());
    if (open_files_.size() == open_files_max) open_files_.erase(open_files_.begin());
    open_files_.emplace_back(file, std::move(*opened));
    return open_files_.back().second.get();
}

void RowReader::fail_piece(std::size_t place, metainfo::FileIndex file, Error error) {
    if (std::exchange(pieces_[place].failed, true)) return;
    chunks_[place] = {};
    faults_.push_back({file, std::move(error)});
}

}  // namespace spate::creation
