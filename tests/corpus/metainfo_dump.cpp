// metainfo_dump FILE...: for each torrent one line with tabs: name of the file, v1 hash, v2 hash (or "-"),
// size without pad files, piece length, pieces; or the file, "refused", the key and the reason.
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "base/hex.h"
#include "metainfo/torrent_reader.h"

int main(int argc, char** argv) {
    using namespace spate;
    for (int i = 1; i < argc; ++i) {
        std::ifstream file(argv[i], std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(file)), {});
        const auto torrent = metainfo::read_torrent(as_bytes(bytes));
        std::cout << argv[i] << '\t';
        if (!torrent) {
            std::cout << "refused\t" << torrent.error().object << '\t' << torrent.error().detail << '\n';
            continue;
        }
        const auto& info = torrent->info;
        std::cout << (info.hash.v1 ? to_hex(*info.hash.v1) : "-") << '\t'
                  << (info.hash.v2 ? to_hex(*info.hash.v2) : "-") << '\t' << info.layout.total_size() << '\t'
                  << info.layout.piece_length() << '\t' << info.layout.piece_count() << '\n';
    }
}
