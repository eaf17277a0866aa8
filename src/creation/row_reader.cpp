#include "creation/row_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/assert.h"

namespace spate::creation {
namespace {

// Windows that start at the same place of a page compete for the same few cache sets.
constexpr std::size_t window_gap = 192;
// Less than this in one step and copying costs less than mapping.
constexpr std::uint64_t mapping_min = 256 << 10;

}  // namespace

RowReader::RowReader(const Content& content, const HashPlan& plan) : content_(content), plan_(plan) {}

void RowReader::start(metainfo::PieceRange row) {
    const auto& layout = content_.layout;
    views_.clear();
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
    views_.clear();
    std::ranges::fill(chunks_, Bytes{});
    if (std::ranges::all_of(pieces_, [](const Piece& piece) { return piece.left() == 0; })) return false;
    const auto& first = pieces_.front();
    const auto& last = pieces_.back();
    const auto row_size = last.offset + last.size - first.offset;
    const bool untouched =
        std::ranges::all_of(pieces_, [](const Piece& piece) { return !piece.failed && piece.done == 0; });
    if (untouched && row_size >= mapping_min && first.size <= plan_.segment &&
        in_one_file(first.offset, row_size)) {
        map_row();
    } else if (worth_mapping()) {
        map_each();
    } else {
        for (std::size_t place = 0; place < pieces_.size(); ++place)
            copy(place, std::min<std::uint64_t>(plan_.window, pieces_[place].left()));
    }
    return true;
}

bool RowReader::in_one_file(std::uint64_t offset, std::uint64_t size) const {
    const auto& file = content_.layout.file(content_.layout.file_at(offset));
    return !file.attributes.pad && offset >= file.offset && offset + size <= file.offset + file.size;
}

bool RowReader::worth_mapping() const {
    std::uint64_t total = 0;
    std::size_t busy = 0;
    for (const auto& piece : pieces_) {
        const auto size = std::min<std::uint64_t>(plan_.segment, piece.left());
        if (size == 0) continue;
        if (!in_one_file(piece.offset + piece.done, size)) return false;
        total += size;
        ++busy;
    }
    return total >= mapping_min * (1 + busy / 4);
}

// The whole row lies in one file: one mapping for all its pieces.
void RowReader::map_row() {
    const auto start = pieces_.front().offset;
    const auto end = pieces_.back().offset + pieces_.back().size;
    if (!map(0, pieces_.size(), start, end - start)) return;
    const Bytes all = views_.back().bytes->bytes();
    for (std::size_t place = 0; place < pieces_.size(); ++place) {
        auto& piece = pieces_[place];
        chunks_[place] = all.subspan(static_cast<std::size_t>(piece.offset - start), piece.size);
        piece.done = piece.size;
    }
}

void RowReader::map_each() {
    for (std::size_t place = 0; place < pieces_.size(); ++place) {
        auto& piece = pieces_[place];
        const auto size = std::min<std::uint64_t>(plan_.segment, piece.left());
        if (size == 0 || !map(place, place + 1, piece.offset + piece.done, size)) continue;
        chunks_[place] = views_.back().bytes->bytes();
        piece.done += size;
    }
}

// A view of that part of the address space for the pieces [place, end); fails them all if it cannot be had.
bool RowReader::map(std::size_t place, std::size_t end, std::uint64_t offset, std::uint64_t size) {
    const auto index = content_.layout.file_at(offset);
    const auto in_file = offset - content_.layout.file(index).offset;
    const auto refuse = [&](const Error& error) {
        for (auto each = place; each < end; ++each) fail_piece(each, index, error);
        return false;
    };
    auto file = open(index);
    if (!file) return refuse(file.error());
    auto view = (*file)->view(in_file, static_cast<std::size_t>(size));
    if (!view) return refuse(view.error());
    if ((*view)->bytes().size() < size)
        return refuse(Error::system(ENODATA, "read", content_.places[index.value].path));
    views_.push_back({std::move(*view), index, place, end});
    return true;
}

void RowReader::copy(std::size_t place, std::uint64_t size) {
    if (size == 0) return;
    auto& piece = pieces_[place];
    const std::size_t stride = plan_.window + window_gap;
    if (scratch_.empty()) scratch_.resize(plan_.streams * stride);
    MutableBytes rest(scratch_.data() + place * stride, static_cast<std::size_t>(size));
    const Bytes chunk = rest;
    for (const auto& slice : content_.layout.slices(piece.offset + piece.done, size)) {
        const auto part = rest.first(static_cast<std::size_t>(slice.size));
        rest = rest.subspan(part.size());
        if (auto copied = copy_slice(slice, part); !copied)
            return fail_piece(place, slice.file, copied.error());
    }
    SPATE_ASSERT(rest.empty());
    chunks_[place] = chunk;
    piece.done += size;
}

Result<void> RowReader::copy_slice(const metainfo::FileSlice& slice, MutableBytes into) {
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

void RowReader::check() {
    for (const auto& view : views_) {
        if (view.bytes->intact()) continue;
        const auto& path = content_.places[view.file.value].path;
        for (auto place = view.first_piece; place < view.piece_end; ++place)
            fail_piece(place, view.file, Error::system(EIO, "read", path));
    }
}

void RowReader::fail_piece(std::size_t place, metainfo::FileIndex file, Error error) {
    if (std::exchange(pieces_[place].failed, true)) return;
    chunks_[place] = {};
    faults_.push_back({file, std::move(error)});
}

}  // namespace spate::creation
