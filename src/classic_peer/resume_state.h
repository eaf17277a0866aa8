// Resume state: which bytes of a file under way are on the disk, and of which file. The text of the small
// file beside the part:
//
//   spate classic part 1
//   name picture-wallpaper.jpg
//   size 109283519
//   md5 c68c2ee8bfca4e898b396e7a935a1d92
//   have 0 65536
//   have 131072 140000
//   end 3f5a…            (MD5 of every byte before this line)
//
// It is written after the data that it claims was synced, and read like bytes from the network: anything that
// is not exactly this form, for this very file, claims nothing. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/range_set.h"

namespace spate::classic_peer {

inline constexpr std::size_t resume_ranges_max = 16'384;
inline constexpr std::size_t resume_bytes_max = 1 << 20;  // of the whole text

// Which file: as the tracker file names it. A name is one line (classic names hold no control bytes).
struct FileIdentity {
    std::string name;
    std::uint64_t size = 0;
    std::string md5;  // 32 lower-case hex digits; empty: the entry has no usable checksum
    bool operator==(const FileIdentity&) const = default;
};

// With more than resume_ranges_max ranges the smallest are left out: it never claims more than `have`.
std::string write_resume_state(const FileIdentity& file, const RangeSet& have);
// The ranges, or nothing for broken text or another file.
std::optional<RangeSet> read_resume_state(std::string_view text, const FileIdentity& file);

}  // namespace spate::classic_peer
