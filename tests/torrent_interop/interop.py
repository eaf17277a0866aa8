#!/usr/bin/env python3
"""Torrents of mktorrent, transmission-create and libtorrent read and verified by spate, and the reverse.

Needs libtorrent's Python module (Debian: python3-libtorrent), so it runs under /usr/bin/python3.
"""
import time
import unittest

import libtorrent as lt

from spate_program import VERSIONS, SpateTest, flip, run, spate, write_tree

PIECE = 64 << 10
TREE = {
    "readme.txt": 1234, "empty": 0, "one": 1, "sub/exact piece": PIECE, "sub/piece and one": PIECE + 1,
    "sub/deeper/large": 23 * PIECE + 777, "sub/deeper/block": 16 << 10, "straße.txt": 4000, "日本/語": 70000,
    "z last": 5 * PIECE - 3,
}
LIBTORRENT_FLAGS = {"v1": lt.create_torrent.v1_only, "v2": lt.create_torrent.v2_only, "hybrid": 0}


def libtorrent_create(path, kind, torrent):
    files = lt.file_storage()
    lt.add_files(files, str(path))
    made = lt.create_torrent(files, piece_size=PIECE, flags=LIBTORRENT_FLAGS[kind])
    made.add_tracker("http://tracker.example/announce")
    lt.set_piece_hashes(made, str(path.parent))
    torrent.write_bytes(lt.bencode(made.generate()))


def libtorrent_check(torrent, folder):
    """Whether libtorrent, having hashed the files, calls the torrent complete."""
    session = lt.session({"listen_interfaces": "127.0.0.1:0", "enable_dht": False, "enable_lsd": False,
                          "enable_upnp": False, "enable_natpmp": False})
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(str(torrent))
    params.save_path = str(folder)
    handle = session.add_torrent(params)
    checking = (lt.torrent_status.checking_files, lt.torrent_status.checking_resume_data)
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        status = handle.status()
        if status.errc.value() != 0:
            raise AssertionError(status.errc.message())
        if status.state not in checking:
            return status.is_seeding
        time.sleep(0.01)
    raise AssertionError("libtorrent did not finish checking")


def hashes(torrent):
    """Info-hashes as libtorrent sees them."""
    found = lt.torrent_info(str(torrent)).info_hashes()
    return {"info_hash_v1": str(found.v1) if found.has_v1() else None,
            "info_hash_v2": str(found.v2) if found.has_v2() else None}


class Interop(SpateTest):
    def setUp(self):
        super().setUp()
        self.tree = self.folder / "tree"
        write_tree(self.tree, TREE, seed=1)
        self.single = self.tree / "sub/deeper/large"
        self.theirs = self.folder / "theirs.torrent"

    def read_and_verify_theirs(self, path):
        info = self.info(self.theirs)
        wanted = hashes(self.theirs)
        self.assertEqual({key: info[key] for key in wanted}, wanted)
        self.assertEqual(info["name"], path.name)
        self.assertEqual(info["piece_length"], PIECE)
        self.assertEqual(info["total_size"], sum(f.stat().st_size for f in path.rglob("*") if f.is_file())
                         if path.is_dir() else path.stat().st_size)
        self.verify(self.theirs, path)
        self.verify(self.theirs, path.parent)

    def test_mktorrent(self):
        for path in (self.tree, self.single):
            self.theirs.unlink(missing_ok=True)
            run("mktorrent", "-l", PIECE.bit_length() - 1, "-a", "http://tracker.example/announce", "-o", self.theirs, path)
            self.read_and_verify_theirs(path)

    def test_transmission_create(self):
        for path in (self.tree, self.single):
            self.theirs.unlink(missing_ok=True)
            run("transmission-create", "-s", PIECE >> 10, "-t", "http://tracker.example/announce", "-o", self.theirs, path)
            self.read_and_verify_theirs(path)

    def test_libtorrent(self):
        for kind in VERSIONS:
            for path in (self.tree, self.single):
                with self.subTest(kind=kind, path=path.name):
                    libtorrent_create(path, kind, self.theirs)
                    self.read_and_verify_theirs(path)
                    self.assertEqual(self.info(self.theirs)["trackers"], ["http://tracker.example/announce"])

    def test_theirs_with_a_flipped_byte(self):
        for kind in VERSIONS:
            libtorrent_create(self.tree, kind, self.theirs)
            damaged = "sub/deeper/large"
            flip(self.tree / damaged, 3 * PIECE + 5)
            report = self.verify(self.theirs, self.tree, good=False)
            flip(self.tree / damaged, 3 * PIECE + 5)
            self.assertEqual([f["path"] for f in report["bad_files"]], [f"tree/{damaged}"])
            self.assertEqual(report["pieces_wrong_hash"], 1)

    def test_ours_in_libtorrent(self):
        for kind in VERSIONS:
            for path in (self.tree, self.single):
                with self.subTest(kind=kind, path=path.name):
                    torrent, made = self.create(path, f"--{kind}", "--piece-size", "64k", "--tracker",
                                                "http://tracker.example/announce", "--web-seed", "http://web.example/",
                                                "--private", "--comment", "hello")
                    wanted = hashes(torrent)
                    self.assertEqual({key: made[key] for key in wanted}, wanted)
                    seen = lt.torrent_info(str(torrent))
                    self.assertTrue(seen.priv())
                    self.assertEqual([t.url for t in seen.trackers()], ["http://tracker.example/announce"])
                    self.assertEqual([w["url"] for w in seen.web_seeds()], ["http://web.example/"])
                    self.assertEqual(seen.comment(), "hello")
                    self.assertTrue(libtorrent_check(torrent, path.parent))

    def test_libtorrent_sees_a_flipped_byte_in_ours(self):
        for kind in VERSIONS:
            torrent, _ = self.create(self.tree, f"--{kind}", "--piece-size", "64k")
            flip(self.single, 9)
            self.assertFalse(libtorrent_check(torrent, self.folder))
            flip(self.single, 9)

    def test_ours_and_theirs_of_one_file_are_the_same_torrent(self):
        for kind in VERSIONS:
            libtorrent_create(self.single, kind, self.theirs)
            _, made = self.create(self.single, f"--{kind}", "--piece-size", "64k")
            wanted = hashes(self.theirs)
            self.assertEqual({key: made[key] for key in wanted}, wanted)

    def test_ours_in_transmission_show(self):
        for path in (self.tree, self.single):
            # v1 alone: Transmission 3.00 refuses every v2 file tree, libtorrent's too.
            torrent, made = self.create(path, "--v1", "--piece-size", "64k", "--tracker", "http://tracker.example/announce")
            shown = run("transmission-show", torrent)
            self.assertIn(made["info_hash_v1"], shown)
            self.assertIn(f"Name: {path.name}", shown)
            self.assertIn("http://tracker.example/announce", shown)

    def test_magnet_links(self):
        for kind in VERSIONS:
            torrent, made = self.create(self.tree, f"--{kind}", "--tracker", "http://tracker.example/announce")
            link = spate("info", torrent, "--magnet").stdout.decode().strip()
            params = lt.parse_magnet_uri(link)
            self.assertEqual(str(params.info_hashes.v1) if params.info_hashes.has_v1() else None, made["info_hash_v1"])
            self.assertEqual(str(params.info_hashes.v2) if params.info_hashes.has_v2() else None, made["info_hash_v2"])
            self.assertEqual(params.name, "tree")
            again = self.info(link)
            self.assertEqual([again[k] for k in ("name", "info_hash_v1", "info_hash_v2", "trackers", "total_size")],
                             ["tree", made["info_hash_v1"], made["info_hash_v2"], ["http://tracker.example/announce"], None])
            theirs = self.info(lt.make_magnet_uri(lt.torrent_info(str(torrent))))
            self.assertEqual(theirs["info_hash_v1"], made["info_hash_v1"])
            self.assertEqual(theirs["info_hash_v2"], made["info_hash_v2"])


if __name__ == "__main__":
    unittest.main()
