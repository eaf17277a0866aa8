#!/usr/bin/env python3
"""Create, info, verify over trees of every shape; then damage, which verify must name. And the commands' manners."""
import json
import os
import random
import signal
import subprocess
import time
import unittest

from spate_program import SPATE, VERSIONS, SpateTest, flip, spate, write_tree

PIECE = 32 << 10
BLOCK = 16 << 10
SIZES = [0, 1, 2, BLOCK - 1, BLOCK, BLOCK + 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE - 1, 17 * PIECE + 5]
SCRIPTS = ["plain", "mit Leerzeichen", "Größe", "файл", "αρχείο", "ファイル", "文件", "파일", "ملف", "קובץ", "फ़ाइल", "ไฟล์", "🎬",
           "e\u0301 not composed", ".hidden", "a:b?c*d", "trailing.", "CON", "'quote\"", "%41", "$HOME", "-dash"]


def random_tree(seed):
    source = random.Random(seed)
    sizes = {}
    for number in range(source.randrange(2, 40)):
        depth = source.choice([0, 0, 1, 2, 5])
        folders = [source.choice(SCRIPTS) + str(source.randrange(2)) for _ in range(depth)]
        name = f"{source.choice(SCRIPTS)} {number}"
        sizes["/".join([*folders, name])] = source.choice(SIZES + [source.randrange(200_000)])
    sizes["never empty"] = 1 + source.randrange(100_000)
    return sizes


class RoundTrips(SpateTest):
    def check_tree(self, sizes, kind, seed=0, damage=True):
        root = self.folder / "the tree"
        write_tree(root, sizes, seed)
        torrent, made = self.create(root, f"--{kind}", "--piece-size", PIECE)
        info = self.info(torrent)
        self.assertEqual({f["path"]: f["size"] for f in info["files"]}, {f"the tree/{p}": s for p, s in sizes.items()})
        self.assertEqual(info["total_size"], sum(sizes.values()))
        self.assertEqual(info["info_hash_v1"], made["info_hash_v1"])
        self.assertEqual(info["info_hash_v2"], made["info_hash_v2"])
        report = self.verify(torrent, root)
        self.assertEqual(report["pieces_good"], info["pieces"])
        self.verify(torrent, self.folder)
        if damage:
            self.check_damage(torrent, root, sizes, kind, random.Random(seed))
        return torrent, root

    def check_damage(self, torrent, root, sizes, kind, source):
        victim = source.choice([p for p, s in sizes.items() if s > 0])
        offset = source.randrange(sizes[victim])
        flip(root / victim, offset)
        report = self.verify(torrent, root, good=False)
        flip(root / victim, offset)
        bad = {f["path"]: f for f in report["bad_files"]}
        self.assertEqual(bad[f"the tree/{victim}"]["state"], "damaged")
        self.assertEqual(report["pieces_wrong_hash"], 1)
        if kind != "v1":
            self.assertEqual(len(bad), 1)
        self.verify(torrent, root)

    def test_random_trees(self):
        for seed in range(8):
            for kind in VERSIONS:
                with self.subTest(seed=seed, kind=kind):
                    self.setUp()
                    self.check_tree(random_tree(seed), kind, seed)

    def test_single_files_of_every_size(self):
        for size in SIZES[1:]:
            for kind in VERSIONS:
                file = self.folder / f"file {size}"
                file.write_bytes(random.Random(size).randbytes(size))
                torrent, _ = self.create(file, f"--{kind}", "--piece-size", "32k")
                self.assertEqual(self.info(torrent)["files"], [{"path": file.name, "size": size}])
                self.verify(torrent, file)
                self.verify(torrent, self.folder)
                flip(file, size - 1)
                report = self.verify(torrent, file, good=False)
                last = (size - 1) // PIECE
                self.assertEqual(report["bad_pieces"], [[last, last]])
                self.assertEqual(report["bad_files"][0]["first_piece"], last)
                flip(file, size - 1)

    def test_ten_thousand_files(self):
        sizes = {f"{n % 37:02}/{n}": n % 700 for n in range(10_000)}
        for kind in VERSIONS:
            self.check_tree(sizes, kind, 1, damage=kind == "hybrid")

    def test_deep_folders(self):
        for kind, deepest in (("v1", 100), ("v2", 96), ("hybrid", 96)):
            self.setUp()
            self.check_tree({"/".join(["d"] * depth) + f"/f{depth}": depth * 1000 for depth in range(1, deepest)}, kind)

    def test_missing_short_long(self):
        for kind in VERSIONS:
            self.setUp()
            torrent, root = self.check_tree({"a": 3 * PIECE, "b": 2 * PIECE, "c/d": 70_000, "e": 10}, kind)
            (root / "a").unlink()
            os.truncate(root / "b", 2 * PIECE - 1)
            with open(root / "c/d", "ab") as file:
                file.write(b"x")
            states = {f["path"]: f["state"] for f in self.verify(torrent, root, good=False)["bad_files"]}
            self.assertEqual([states[f"the tree/{p}"] for p in ("a", "b", "c/d")], ["missing", "too short", "too long"])

    def test_links_and_special_files_are_left_out_with_a_note(self):
        root = self.folder / "tree"
        write_tree(root, {"real": 100}, 1)
        (root / "link").symlink_to("real")
        (root / "folder link").symlink_to("/")
        os.mkfifo(root / "pipe")
        done = spate("create", root, "-o", self.folder / "x.torrent")
        self.assertEqual(done.returncode, 0)
        for name in (b"link", b"folder link", b"pipe"):
            self.assertIn(b"left out " + bytes(root) + b"/" + name, done.stderr)
        self.assertEqual([f["path"] for f in self.info(self.folder / "x.torrent")["files"]], ["tree/real"])

    def test_names_that_no_torrent_carries_are_refused(self):
        for name, why in ((b"bad \xff utf-8", b"not UTF-8"), (b"line\nbreak", b"control byte"),
                          (b"back\\slash", b"not allowed"), ("turn \u202e around".encode(), b"rename it")):
            self.setUp()
            root = self.folder / "tree"
            root.mkdir()
            with open(os.path.join(bytes(root), name), "wb") as file:
                file.write(b"1")
            done = spate("create", root, "-o", self.folder / "x.torrent")
            self.assertEqual(done.returncode, 1)
            self.assertIn(why, done.stderr)
            self.assertFalse((self.folder / "x.torrent").exists())


class Manners(SpateTest):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "file"
        self.file.write_bytes(bytes(100_000))

    def test_the_output_is_not_replaced_unless_forced(self):
        self.assertEqual(spate("create", self.file, folder=self.folder).returncode, 0)
        made = self.folder / "file.torrent"
        made.write_bytes(b"mine")
        done = spate("create", self.file, folder=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"--force", done.stderr)
        self.assertEqual(made.read_bytes(), b"mine")
        self.assertEqual(spate("create", self.file, "--force", folder=self.folder).returncode, 0)
        self.assertEqual(self.info(made)["total_size"], 100_000)

    def test_v1_is_the_default(self):
        info = self.info(self.create(self.file)[0])
        self.assertTrue(info["info_hash_v1"])
        self.assertIsNone(info["info_hash_v2"])

    def test_wrong_command_lines_exit_2(self):
        for arguments in (["create"], ["create", self.file, "--v1", "--v2"], ["create", self.file, "--piece-size", "x"],
                          ["create", self.file, "--piece-size", "1G"], ["create", self.file, "--piece-size", "48k"], ["create", self.file, "--tracker", "no url"],
                          ["info"], ["info", "magnet:?dn=x"], ["verify", self.file], ["info", self.file, "--nonsense"]):
            self.assertEqual(spate(*arguments).returncode, 2, arguments)

    def test_what_cannot_be_done_exits_1_with_the_reason(self):
        torrent, _ = self.create(self.file)
        empty = self.folder / "empty"
        empty.mkdir()
        for arguments, reason in (
                (["create", self.folder / "nothing"], b"No such file"), (["create", empty], b"no bytes"),
                (["create", self.file, "-o", self.folder / "no/where.torrent"], b"No such file"),
                (["info", self.folder / "nothing"], b"No such file"), (["info", self.file], b"byte 0"),
                (["verify", self.file, self.file], b"byte 0"),
                (["verify", torrent, self.folder / "nothing"], b"No such file")):
            done = spate(*arguments)
            self.assertEqual(done.returncode, 1, arguments)
            self.assertIn(reason, done.stderr)
            self.assertEqual(done.stdout, b"")

    def test_info_json_has_the_agreed_keys(self):
        torrent, _ = self.create(self.file, "--tracker", "http://a/", "--tracker", "http://b/", "--web-seed", "http://w/")
        info = self.info(torrent)
        for key in ("name", "info_hash_v1", "info_hash_v2", "piece_length", "total_size", "private", "files", "trackers",
                    "web_seeds"):
            self.assertIn(key, info)
        self.assertEqual(info["trackers"], ["http://a/", "http://b/"])
        self.assertEqual(info["web_seeds"], ["http://w/"])
        self.assertIs(info["private"], False)
        self.assertEqual(spate("info", torrent, "--json").stdout.count(b"\n"), 1)

    def test_text_of_a_torrent_sends_no_control_codes_to_the_terminal(self):
        torrent, _ = self.create(self.file, "--comment", "red \x1b[31m alert", "--source", "bell \x07")
        shown = spate("info", torrent).stdout
        self.assertNotIn(b"\x1b", shown)
        self.assertNotIn(b"\x07", shown)
        self.assertEqual(self.info(torrent)["comment"], "red \x1b[31m alert")

    def test_ctrl_c_ends_it_without_a_torrent(self):
        big = self.folder / "big"
        with open(big, "wb") as file:
            file.truncate(1 << 40)  # sparse: far more than can be hashed meanwhile
        target = self.folder / "big.torrent"
        child = subprocess.Popen([SPATE, "create", big, "-o", target], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.wait_until_it_hashes(child)
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 130)
        self.assertIn(b"stopped", errors)
        self.assertFalse(target.exists())

    def wait_until_it_hashes(self, child):
        """Until it has used the processor for longer than anything before takes."""
        while True:
            self.assertIsNone(child.poll())
            with open(f"/proc/{child.pid}/stat", encoding="utf-8") as status:
                user, system = status.read().rsplit(")", 1)[1].split()[11:13]
            if int(user) + int(system) > os.sysconf("SC_CLK_TCK") // 2:
                return
            time.sleep(0.01)

    def peak_memory(self, *arguments):
        child = subprocess.Popen([SPATE, *map(str, arguments)], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(child.returncode, 0)
        return usage.ru_maxrss * 1024

    def test_memory_for_large_pieces_on_many_cores(self):
        big, torrent = self.folder / "big", self.folder / "big.torrent"
        with open(big, "wb") as file:
            file.truncate(1 << 30)
        for kind in VERSIONS:
            flags = (f"--{kind}", "-f", "-o", torrent, "--threads", 16)
            without = self.peak_memory("create", self.file, *flags)
            self.assertLess(self.peak_memory("create", big, "--piece-size", "64M", *flags) - without, 64 << 20)
            self.assertLess(self.peak_memory("verify", torrent, big, "--threads", 16) - without, 64 << 20)

    def test_a_file_cut_short_meanwhile_is_an_error(self):
        for kind in VERSIONS:
            big, target = self.folder / "shrinks", self.folder / "shrinks.torrent"
            with open(big, "wb") as file:
                file.truncate(64 << 30)  # sparse: many seconds of hashing
            child = subprocess.Popen([SPATE, "create", big, f"--{kind}", "-o", target],
                                     stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
            self.wait_until_it_hashes(child)
            os.truncate(big, 4096)
            _, errors = child.communicate(timeout=60)
            self.assertEqual(child.returncode, 1)
            self.assertIn(b"shrinks", errors)
            self.assertFalse(target.exists())


if __name__ == "__main__":
    unittest.main()
