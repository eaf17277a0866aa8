#!/usr/bin/python3
"""compare_libtorrent.py METAINFO_DUMP: info-hashes, sizes and pieces of all good torrents of the corpus, ours against
libtorrent's (python3-libtorrent). Torrents that libtorrent itself refuses must be on the list below."""

import os
import subprocess
import sys

import libtorrent as lt

HERE = os.path.dirname(os.path.abspath(__file__))
# Good here, refused there: deeper than its 100 (one more container counts), no bytes at all, a v2 dictionary that is not
# sorted, names of which its cleaner leaves nothing.
REFUSED_THERE = {
    "enc_depth_100", "v1_single_0", "zero_all_empty", "v2_single_0", "v2_all_empty", "v2_root_on_empty_file",
    "hybrid_single_0", "v2_unsorted_info", "name_dotdot", "name_dot", "name_empty", "name_slash", "name_nul_only",
}


def main():
    with open(os.path.join(HERE, "expected.tsv"), encoding="utf-8") as table:
        good = [line.split("\t")[0] for line in table if line.split("\t")[1] == "good"]
    files = [os.path.join(HERE, "torrents", name + ".torrent") for name in good]
    lines = subprocess.run([sys.argv[1], *files], check=True, capture_output=True).stdout.decode().splitlines()
    bad = compared = 0
    for name, path, line in zip(good, files, lines, strict=True):
        try:
            theirs = lt.torrent_info(path)
        except RuntimeError as error:
            if name not in REFUSED_THERE:
                bad += 1
                print(f"{name}: libtorrent refuses it: {error}")
            continue
        compared += 1
        hashes = theirs.info_hashes()
        storage = theirs.files()
        size = sum(storage.file_size(i) for i in range(storage.num_files())
                   if not storage.file_flags(i) & lt.file_storage.flag_pad_file)
        fields = [str(hashes.v1) if hashes.has_v1() else "-", str(hashes.v2) if hashes.has_v2() else "-",
                  str(size), str(theirs.piece_length()), str(theirs.num_pieces())]
        if line.split("\t")[1:] != fields:
            bad += 1
            print(f"{name}: ours {line.split(chr(9))[1:]}, libtorrent's {fields}")
    print(f"{compared} compared, {bad} differ")
    sys.exit(1 if bad else 0)


main()
