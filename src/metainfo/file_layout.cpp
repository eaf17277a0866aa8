#include "metainfo/file_layout.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "metainfo/limits.h"

namespace spate::metainfo {

namespace {
std::unexpected<Error> refuse(std::string object, std::string reason) {
    return fail(Error::invalid("", std::move(object), std::move(reason)));
}
}  // namespace

Result<FileLayout> FileLayout::make(std::vector<File> files, std::vector<Symlink> links,
                                    std::uint64_t piece_length, Alignment alignment) {
    SPATE_ASSERT(piece_length > 0 && piece_length <= piece_length_max);
    constexpr std::uint64_t end_max = piece_length_max * piece_count_max;  // 2^51: no sum below it can wrap
    if (files.size() > file_count_max)
        return refuse("info", std::to_string(files.size()) + " files, " + std::to_string(file_count_max) +
                                  " are allowed");
    FileLayout layout;
    for (auto& file : files) {
        if (alignment == Alignment::pieces) layout.end_ = units(layout.end_, piece_length) * piece_length;
        if (file.size > end_max - layout.end_) return refuse("info", "the files' sizes add up to too much");
        file.offset = layout.end_;
        layout.end_ += file.size;
        if (!file.attributes.pad) layout.total_size_ += file.size;
    }
    // Empty files at the end were put behind a gap that nothing needs.
    if (alignment == Alignment::pieces) {
        layout.end_ = 0;
        for (const auto& file : files)
            if (file.size > 0) layout.end_ = file.offset + file.size;
    }
    const auto pieces = units(layout.end_, piece_length);
    if (pieces > piece_count_max)
        return refuse("info.piece length", "gives " + std::to_string(pieces) + " pieces, " +
                                               std::to_string(piece_count_max) + " are allowed");
    layout.piece_count_ = static_cast<std::uint32_t>(pieces);
    layout.piece_length_ = piece_length;
    layout.alignment_ = alignment;
    layout.files_ = std::move(files);
    layout.symlinks_ = std::move(links);
    return layout;
}

std::uint32_t FileLayout::piece_size(PieceIndex piece) const {
    SPATE_ASSERT(piece.value < piece_count_);
    if (alignment_ == Alignment::pieces) return piece_data_size(piece);
    return static_cast<std::uint32_t>(std::min(piece_length_, end_ - piece_offset(piece)));
}

std::uint32_t FileLayout::piece_data_size(PieceIndex piece) const {
    SPATE_ASSERT(piece.value < piece_count_);
    const auto begin = piece_offset(piece);
    auto end = std::min(begin + piece_length_, end_);
    if (alignment_ == Alignment::pieces) {
        const File& only = file(file_at(begin));
        return static_cast<std::uint32_t>(std::min(end, only.offset + only.size) - begin);
    }
    for (auto at = file_at(end - 1).value; end > begin; --at) {
        if (!files_[at].attributes.pad && files_[at].size > 0) break;
        end = std::max(begin, files_[at].offset);
    }
    return static_cast<std::uint32_t>(end - begin);
}

FileIndex FileLayout::file_at(std::uint64_t offset) const {
    SPATE_ASSERT(offset < end_);
    const auto after = std::ranges::upper_bound(files_, offset, {}, &File::offset);
    auto at = static_cast<std::uint32_t>(after - files_.begin()) - 1;
    while (files_[at].size == 0 || files_[at].offset + files_[at].size <= offset) ++at;  // in a gap: on
    return FileIndex(at);
}

std::vector<FileSlice> FileLayout::slices(std::uint64_t offset, std::uint64_t size) const {
    std::vector<FileSlice> found;
    if (offset >= end_ || size == 0) return found;
    const auto range_end = offset + std::min(size, end_ - offset);
    for (auto at = file_at(offset); at.value < files_.size() && file(at).offset < range_end; ++at) {
        const File& here = file(at);
        const auto begin = std::max(offset, here.offset);
        const auto end = std::min(range_end, here.offset + here.size);
        if (begin < end) found.push_back({at, begin - here.offset, end - begin, here.attributes.pad});
    }
    return found;
}

PieceRange FileLayout::pieces_of(FileIndex index) const {
    const File& here = file(index);
    const auto first = PieceIndex(static_cast<std::uint32_t>(here.offset / piece_length_));
    if (here.size == 0) return {first, first};
    return {first, PieceIndex(static_cast<std::uint32_t>((here.offset + here.size - 1) / piece_length_ + 1))};
}

}  // namespace spate::metainfo
