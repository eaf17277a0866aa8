// For tests and scenarios: torrents made of random bytes, hashed one message at a time.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/rng.h"
#include "hash/digest.h"
#include "hash/merkle.h"
#include "metainfo/torrent_reader.h"
#include "metainfo/torrent_writer.h"

namespace spate::piece_store {

inline std::vector<std::uint8_t> random_bytes(std::size_t size, std::uint64_t seed) {
    Rng rng(seed);
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t at = 0; at < size; at += 8) {
        const auto octets = rng.next();
        std::memcpy(bytes.data() + at, &octets, std::min<std::size_t>(8, size - at));
    }
    return bytes;
}

// A torrent and its bytes, by address.
struct TestTorrent {
    std::shared_ptr<metainfo::Metainfo> metainfo;
    std::vector<std::uint8_t> space;  // of the address space, pads and gaps zero

    const metainfo::FileLayout& layout() const { return metainfo->info.layout; }
    std::uint32_t pieces() const { return layout().piece_count(); }
    Bytes piece(std::uint32_t index) const {
        const metainfo::PieceIndex piece(index);
        return Bytes(space).subspan(static_cast<std::size_t>(layout().piece_offset(piece)),
                                    layout().piece_size(piece));
    }
    Bytes file(std::uint32_t index) const {
        const auto& file = layout().file(metainfo::FileIndex(index));
        return Bytes(space).subspan(static_cast<std::size_t>(file.offset),
                                    static_cast<std::size_t>(file.size));
    }
};

inline metainfo::TorrentHashes hash_torrent(metainfo::TorrentVersion version, const TestTorrent& torrent,
                                            const metainfo::FileLayout& layout) {
    metainfo::TorrentHashes hashes;
    const Bytes space(torrent.space);
    if (version != metainfo::TorrentVersion::v2)
        for (metainfo::PieceIndex piece; piece.value < layout.piece_count(); ++piece)
            hashes.v1_pieces.push_back(hash::sha1(space.subspan(
                static_cast<std::size_t>(layout.piece_offset(piece)), layout.piece_size(piece))));
    if (version == metainfo::TorrentVersion::v1) return hashes;
    for (const auto& file : layout.files()) {
        if (file.attributes.pad) continue;
        hash::MerkleBuilder builder(metainfo::piece_layer_height(layout.piece_length()));
        std::vector<hash::Sha256> leaves;
        for (std::uint64_t at = 0; at < file.size; at += metainfo::block_size) {
            const auto size = std::min<std::uint64_t>(metainfo::block_size, file.size - at);
            leaves.push_back(hash::sha256(
                space.subspan(static_cast<std::size_t>(file.offset + at), static_cast<std::size_t>(size))));
        }
        builder.add(leaves);
        auto tree = builder.finish();
        hashes.v2_files.push_back({tree.root, std::move(tree.piece_layer)});
    }
    return hashes;
}

// Files "a" to "z", "za" ... of those sizes in a folder "T"; one size: a single file "T".
inline TestTorrent make_torrent(metainfo::TorrentVersion version, const std::vector<std::uint64_t>& sizes,
                                std::uint64_t piece_length, std::uint64_t seed = 1) {
    metainfo::NewTorrent plan;
    plan.version = version;
    plan.name = "T";
    plan.single_file = sizes.size() == 1;
    plan.piece_length = piece_length;
    for (std::size_t i = 0; i < sizes.size(); ++i)
        plan.files.push_back(
            {{plan.single_file ? "T" : std::string(i / 26, 'z') + static_cast<char>('a' + i % 26)},
             sizes[i]});
    const auto layout = metainfo::plan_layout(plan).value();
    TestTorrent torrent;
    torrent.space.resize(static_cast<std::size_t>(layout.end()));
    for (const auto& file : layout.files()) {
        if (file.attributes.pad) continue;
        const auto bytes = random_bytes(static_cast<std::size_t>(file.size), seed++);
        std::ranges::copy(bytes, torrent.space.begin() + static_cast<std::ptrdiff_t>(file.offset));
    }
    const auto written = metainfo::write_torrent(plan, layout, hash_torrent(version, torrent, layout));
    torrent.metainfo =
        std::make_shared<metainfo::Metainfo>(metainfo::read_torrent(as_bytes(written.torrent)).value());
    return torrent;
}

}  // namespace spate::piece_store
