// Limits of torrents and magnet links: what is beyond is refused with the key and the reason
// (docs/formats/metainfo.md).
#pragma once

#include <cstddef>
#include <cstdint>

namespace spate::metainfo {

inline constexpr std::size_t torrent_bytes_max = std::size_t{128}
                                                 << 20;  // 2 million pieces, hybrid: about 104 MiB
inline constexpr std::uint64_t piece_length_max = std::uint64_t{512} << 20;
inline constexpr std::uint64_t v2_piece_length_min = 16 << 10;
inline constexpr std::uint32_t piece_count_max = 1U << 22;  // a bitfield of 512 KiB
inline constexpr std::uint32_t file_count_max = 1'000'000;  // pad files too
inline constexpr std::size_t component_bytes_max = 255;     // of a cleaned name; longer ones are shortened
inline constexpr std::size_t path_bytes_max =
    4095;  // of a cleaned path with its root folder: PATH_MAX less the NUL
inline constexpr std::size_t path_total_bytes_max = std::size_t{256} << 20;  // of all files of one torrent
inline constexpr std::size_t renamed_count_max = 1000;  // original paths that are remembered, for people
inline constexpr std::size_t renamed_bytes_max = 1024;  // of each
inline constexpr std::size_t path_depth_max = 100;      // components below the root folder
inline constexpr std::size_t v2_path_depth_max = 96;  // written: the file tree nests, and bencode ends at 100
inline constexpr std::size_t link_steps_max = 16;     // symlinks that lead to symlinks
inline constexpr std::size_t tracker_count_max = 1000;
inline constexpr std::size_t web_seed_count_max = 1000;
inline constexpr std::size_t node_count_max = 1000;
inline constexpr std::size_t url_bytes_max = 2048;
inline constexpr std::size_t comment_bytes_max = 64 << 10;

inline constexpr std::size_t magnet_bytes_max = 64 << 10;
inline constexpr std::size_t magnet_trackers_max = 100;
inline constexpr std::size_t magnet_web_seeds_max = 100;
inline constexpr std::size_t magnet_peers_max = 200;
inline constexpr std::size_t magnet_ranges_max = 10'000;  // of so=; ranges, never the files in them

}  // namespace spate::metainfo
