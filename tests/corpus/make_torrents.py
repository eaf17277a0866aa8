#!/usr/bin/env python3
"""Writes the corpus: torrents/*.torrent and expected.tsv (file, verdict, reason key, v1 hash, v2 hash, paths).

Every case is good or refused with the key that is to blame ("byte" stands for any offset). Paths: what the files are
to be called, '|' between them, '-' where it does not matter. Run it after a change here; its output is committed.
"""

import hashlib
import os
import sys

import cases_encoding
import cases_hybrid
import cases_paths
import cases_v1
import cases_v2
from torrent_builder import encode, info_span

HERE = os.path.dirname(os.path.abspath(__file__))


def rows():
    for module in (cases_encoding, cases_v1, cases_v2, cases_hybrid, cases_paths):
        yield from module.cases()


def main():
    folder = os.path.join(HERE, "torrents")
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(folder):
        os.remove(os.path.join(folder, name))
    table, seen = [], set()
    for name, torrent, reason, paths in rows():
        if name in seen:
            sys.exit(f"{name} twice")
        seen.add(name)
        data = torrent if isinstance(torrent, bytes) else encode(torrent)
        with open(os.path.join(folder, name + ".torrent"), "wb") as file:
            file.write(data)
        v1 = v2 = "-"
        if reason is None:
            info = info_span(data)
            v1 = hashlib.sha1(info).hexdigest() if b"6:pieces" in info else "-"
            v2 = hashlib.sha256(info).hexdigest() if b"12:meta version" in info else "-"
        table.append("\t".join([name, "good" if reason is None else "refused", reason or "-", v1, v2,
                                "|".join(paths) if paths else "-"]))
    with open(os.path.join(HERE, "expected.tsv"), "w", encoding="utf-8") as file:
        file.write("\n".join(["file\tverdict\treason key\tv1 hash\tv2 hash\tpaths"] + table) + "\n")
    print(len(table), "torrents")


main()
