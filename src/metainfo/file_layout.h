// FileLayout: which bytes of the piece address space are which bytes of which file. Files in the torrent's
// order. v1 and hybrid: files lie end to end, pad files (BEP 47) are in the list. v2 alone: each file that is
// not empty starts at a piece boundary; the gap before the next belongs to no file and is never transferred.
// Invariants: offsets ascend, sums were checked, paths are clean, relative and unique (clean_path.h).
// Immutable; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hash/digest.h"
#include "metainfo/geometry.h"

namespace spate::metainfo {

struct FileAttributes {  // BEP 47
    bool pad : 1 = false;
    bool executable : 1 = false;
    bool hidden : 1 = false;
    bool symlink : 1 = false;
    bool operator==(const FileAttributes&) const = default;
};

struct File {
    std::uint64_t size = 0;
    std::uint64_t offset = 0;  // in the piece address space
    FileAttributes attributes{};
    std::string path{};  // clean, '/' between components, root folder included; a pad file's is not unique
    hash::Sha256 pieces_root{};  // v2; zero: none (v1, empty file, pad file)
};

enum class LinkTarget : std::uint8_t {
    inside,   // a file or a folder of this torrent, other links followed
    missing,  // nothing of this torrent
    endless,  // links that lead in a circle, or more than link_steps_max of them
};
struct Symlink {
    FileIndex file;
    std::string target;                     // clean path like File::path; never outside the torrent
    LinkTarget state = LinkTarget::inside;  // storage makes only links that are `inside`
};

struct FileSlice {
    FileIndex file;
    std::uint64_t offset = 0;  // in the file
    std::uint64_t size = 0;    // never 0
    bool pad = false;          // zeros, on no disk
};

struct PieceRange {
    PieceIndex first;
    PieceIndex end;  // one past the last
    bool empty() const { return first == end; }
};

class FileLayout {
  public:
    FileLayout() = default;
    enum class Alignment : std::uint8_t { none, pieces };
    // Sets the offsets. Alignment::pieces is v2 alone. Refused: sums beyond the limits, too many pieces or
    // files. The error's object is "info". piece_length > 0.
    static Result<FileLayout> make(std::vector<File> files, std::vector<Symlink> links,
                                   std::uint64_t piece_length, Alignment alignment);

    std::span<const File> files() const { return files_; }
    const File& file(FileIndex index) const { return files_[index.value]; }
    std::span<const Symlink> symlinks() const { return symlinks_; }
    std::uint64_t piece_length() const { return piece_length_; }
    std::uint32_t piece_count() const { return piece_count_; }
    std::uint64_t end() const { return end_; }  // of the address space
    // Bytes of all files, without pad files.
    std::uint64_t total_size() const { return total_size_; }

    std::uint64_t piece_offset(PieceIndex piece) const { return piece.value * piece_length_; }
    // Bytes a v1 peer knows the piece to have: the address space's end cuts the last one (v2 alone: as
    // piece_data_size).
    std::uint32_t piece_size(PieceIndex piece) const;
    // Bytes of it that are in files, pad files at its end left out: the size of a v2 piece.
    std::uint32_t piece_data_size(PieceIndex piece) const;

    // The file that holds that byte, or the next one after a gap; offset < end().
    FileIndex file_at(std::uint64_t offset) const;
    // The files' parts in [offset, offset + size), in order, empty files and gaps left out. The range is cut
    // at end().
    std::vector<FileSlice> slices(std::uint64_t offset, std::uint64_t size) const;
    // The pieces that hold bytes of the file; empty for an empty file.
    PieceRange pieces_of(FileIndex file) const;

  private:
    std::vector<File> files_;
    std::vector<Symlink> symlinks_;
    std::uint64_t piece_length_ = 1;
    std::uint64_t end_ = 0;
    std::uint64_t total_size_ = 0;
    std::uint32_t piece_count_ = 0;
    Alignment alignment_ = Alignment::none;
};

}  // namespace spate::metainfo
