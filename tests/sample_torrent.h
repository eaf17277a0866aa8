// SampleTorrent: files drawn from a seed and the torrent of them, in memory. For tests and scenarios.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/rng.h"
#include "hash/merkle.h"
#include "metainfo/torrent_reader.h"
#include "metainfo/torrent_writer.h"

namespace spate::testing {

struct SampleFile {
    std::string path;  // a name below the torrent's
    std::uint64_t size = 0;
};

struct SampleTorrent {
    metainfo::Metainfo metainfo;
    // By path as FileLayout has it, pad files left out.
    std::vector<std::pair<std::string, std::vector<std::uint8_t>>> files;

    // A single file when `files` is one of an empty path.
    static SampleTorrent make(const std::string& name, std::vector<SampleFile> wanted,
                              std::uint64_t piece_length, metainfo::TorrentVersion version, Rng& rng);
};

namespace sample {

inline std::vector<std::uint8_t> random_bytes(std::uint64_t size, Rng& rng) {
    std::vector<std::uint8_t> bytes(size);
    for (std::uint64_t at = 0; at < size; at += 8) {
        const std::uint64_t octets = rng.next();
        std::memcpy(bytes.data() + at, &octets, std::min<std::uint64_t>(8, size - at));
    }
    return bytes;
}

inline metainfo::TorrentHashes::FileTree tree_of(Bytes file, std::uint64_t piece_length) {
    std::vector<hash::Sha256> leaves;
    for (std::size_t at = 0; at < file.size(); at += hash::kLeafSize)
        leaves.push_back(
            hash::sha256(file.subspan(at, std::min<std::size_t>(hash::kLeafSize, file.size() - at))));
    hash::MerkleBuilder builder(metainfo::piece_layer_height(piece_length));
    builder.add(leaves);
    auto tree = builder.finish();
    return {tree.root, std::move(tree.piece_layer)};
}

}  // namespace sample

inline SampleTorrent SampleTorrent::make(const std::string& name, std::vector<SampleFile> wanted,
                                         std::uint64_t piece_length, metainfo::TorrentVersion version,
                                         Rng& rng) {
    metainfo::NewTorrent torrent;
    torrent.name = name;
    torrent.version = version;
    torrent.piece_length = piece_length;
    torrent.single_file = wanted.size() == 1 && wanted.front().path.empty();
    for (const SampleFile& file : wanted)
        torrent.files.push_back({.path = {torrent.single_file ? name : file.path}, .size = file.size});
    const auto layout = metainfo::plan_layout(torrent);
    SPATE_ASSERT(layout);
    SampleTorrent sample;
    std::vector<std::uint8_t> space(layout->end());
    metainfo::TorrentHashes hashes;
    for (const metainfo::File& file : layout->files()) {
        if (file.attributes.pad) continue;
        auto bytes = sample::random_bytes(file.size, rng);
        std::ranges::copy(bytes, space.begin() + static_cast<std::ptrdiff_t>(file.offset));
        if (version != metainfo::TorrentVersion::v1)
            hashes.v2_files.push_back(sample::tree_of(bytes, piece_length));
        sample.files.emplace_back(file.path, std::move(bytes));
    }
    if (version != metainfo::TorrentVersion::v2)
        for (metainfo::PieceIndex piece(0); piece.value < layout->piece_count(); ++piece)
            hashes.v1_pieces.push_back(hash::sha1(Bytes(space).subspan(
                static_cast<std::size_t>(layout->piece_offset(piece)), layout->piece_size(piece))));
    const auto written = metainfo::write_torrent(torrent, *layout, hashes);
    auto read = metainfo::read_torrent(as_bytes(written.torrent));
    SPATE_ASSERT(read);
    sample.metainfo = std::move(*read);
    return sample;
}

}  // namespace spate::testing
