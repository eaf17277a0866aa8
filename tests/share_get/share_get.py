#!/usr/bin/env python3
"""`spate tracker`, `share` and `get` as a person uses them: in clean folders, killed in the middle, told wrong things."""
import hashlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "classic"))
from harness import BIN, TIMEOUT, Program, Tracker, eventually, run_unittest

SPATE = BIN / "spate"
MB = 1 << 20


def bencoded(value):
    match value:
        case int():
            return b"i%de" % value
        case str():
            return bencoded(value.encode())
        case bytes():
            return b"%d:%s" % (len(value), value)
        case list():
            return b"l" + b"".join(map(bencoded, value)) + b"e"
        case dict():
            return b"d" + b"".join(bencoded(key) + bencoded(value[key]) for key in sorted(value)) + b"e"


class Run:
    """A `spate` command with its JSON events read as they come."""

    def __init__(self, home, *args, environment):
        self.events = []
        self.process = subprocess.Popen(
            [str(SPATE), *map(str, args), "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env={"HOME": str(home), "PATH": os.environ["PATH"], **environment})
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def has(self, name):
        return [event for event in self.events if event.get("event") == name]

    def wait(self):
        code = self.process.wait(timeout=60)
        self.reader.join(timeout=TIMEOUT)
        self.errors = self.process.stderr.read()
        self.process.stderr.close()
        self.process.stdout.close()
        return code

    def end(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.wait()


class SpateTest(unittest.TestCase):
    tracker_flags = ()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.own_tracker = Tracker(self.folder / "tracker", *self.tracker_flags)
        self.addCleanup(lambda: self.own_tracker.stop())
        self.place = f"127.0.0.1:{self.own_tracker.port}"
        self.environment = {}
        self.homes = 0
        self.running = []
        self.addCleanup(self.end_all)

    def end_all(self):
        for run in self.running:
            if run.process.poll() is None:
                run.end(signal.SIGKILL)

    def peers(self, name):
        return self.own_tracker.peers(name)

    def start(self, *args, home=None):
        if home is None:
            self.homes += 1
            home = self.folder / f"home {self.homes}"
            home.mkdir()
        run = Run(home, *args, environment=self.environment)
        self.running.append(run)
        return run

    def file(self, name, size, seed=1):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(random.Random(seed).randbytes(size))
        return path

    def share(self, path, *flags, home=None):
        run = self.start("share", path, "--tracker", self.place, *flags, home=home)
        self.assertTrue(eventually(lambda: run.has("published") or run.process.poll() is not None))
        return run

    def get(self, source, folder, *flags, home=None):
        run = self.start("get", source, "--tracker", self.place, "-o", folder, *flags, home=home)
        return run.wait(), run

    def entry(self, name):
        listed = self.start("list", "--tracker", self.place)
        self.assertEqual(listed.wait(), 0, listed.errors)
        return next(entry for entry in listed.events if entry["name"] == name)


class ShareAndGet(SpateTest):
    def test_a_file(self):
        source = self.file("source/film.bin", 3 * MB + 17)
        shared = self.share(source)
        code, _ = self.get("film.bin", self.folder / "got")
        self.assertEqual(code, 0)
        self.assertEqual((self.folder / "got/film.bin").read_bytes(), source.read_bytes())
        self.assertEqual(shared.end(), 0)

    def test_a_folder_in_every_version(self):
        for version in ("--v1", "--v2", "--hybrid"):
            name = "photos" + version
            for number in range(20):
                self.file(f"source/{name}/album {number % 3}/{number}.jpg", 50_000 + number, number)
            (self.folder / f"source/{name}/empty").touch()
            shared = self.share(self.folder / "source" / name, version)
            code, got = self.get(name, self.folder / "got")
            self.assertEqual(code, 0, got.events)
            for path in (self.folder / "source" / name).rglob("*"):
                if path.is_file():
                    copy = self.folder / "got" / path.relative_to(self.folder / "source")
                    self.assertEqual(copy.read_bytes(), path.read_bytes())
            self.assertEqual(shared.end(), 0)

    def test_some_files_of_a_folder(self):
        self.file("source/mixed/a.txt", 100_000, 1)
        self.file("source/mixed/b.jpg", 100_000, 2)
        self.share(self.folder / "source/mixed")
        code, _ = self.get("mixed", self.folder / "got", "--select", "*.jpg")
        self.assertEqual(code, 0)
        self.assertTrue((self.folder / "got/mixed/b.jpg").exists())
        self.assertFalse((self.folder / "got/mixed/a.txt").exists())
        code, got = self.get("mixed", self.folder / "got 2", "--select", "*.png")
        self.assertEqual(code, 1)
        self.assertIn("no file in it matches", got.errors)

    def test_the_part_file_of_a_selection_may_go(self):
        # Small files, so that the wanted one lies in pieces that others share.
        for name, seed in (("a.txt", 1), ("b.jpg", 2), ("c.txt", 3)):
            self.file(f"source/small/{name}", 5_000, seed)
        self.share(self.folder / "source/small")
        home = self.folder / "home of the picky"
        home.mkdir()
        parts = self.folder / "got/.small.parts"
        for round in range(2):
            code, got = self.get("small", self.folder / "got", "--select", "*.jpg", home=home)
            self.assertEqual(code, 0, got.errors)
            self.assertEqual(["went away" in warning["text"] for warning in got.has("warning")], [True] * round)
            self.assertEqual((self.folder / "got/small/b.jpg").read_bytes(),
                             (self.folder / "source/small/b.jpg").read_bytes())
            parts.unlink()

    def test_a_link_in_the_way_ends_it(self):
        self.share(self.file("source/linked.bin", MB))
        (self.folder / "got").mkdir()
        secret = self.file("secret", 10)
        before = secret.read_bytes()
        (self.folder / "got/linked.bin").symlink_to(secret)
        for more in ((), ("--overwrite",)):
            code, got = self.get("linked.bin", self.folder / "got", *more)
            self.assertEqual(code, 1)
            self.assertIn("link", got.errors)
            self.assertEqual(secret.read_bytes(), before)

    def test_killed_in_the_middle_it_goes_on(self):
        source = self.file("source/big.bin", 16 * MB)
        self.share(source)
        home = self.folder / "home of the killed"
        home.mkdir()
        first = self.start("get", "big.bin", "--tracker", self.place, "-o", self.folder / "got", "--limit-down", "4M",
                           home=home)
        # A checkpoint is made soon after the beginning, and then every two seconds.
        self.assertTrue(eventually(lambda: any(e["have"] > 12 * MB for e in first.has("progress"))))
        first.end(signal.SIGKILL)
        code, second = self.get("big.bin", self.folder / "got", home=home)
        self.assertEqual(code, 0)
        self.assertEqual((self.folder / "got/big.bin").read_bytes(), source.read_bytes())
        self.assertLess(second.has("finished")[0]["downloaded"], 14 * MB)

    def test_a_second_publisher_is_one_more_seed(self):
        source = self.file("source/one.bin", MB)
        first = self.share(source)
        second = self.share(source)
        self.assertEqual(second.has("published")[0]["result"], "joined")
        first.end(signal.SIGKILL)
        code, _ = self.get("one.bin", self.folder / "got")
        self.assertEqual(code, 0)
        self.assertEqual((self.folder / "got/one.bin").read_bytes(), source.read_bytes())

    def test_other_content_under_a_taken_name_is_refused(self):
        self.share(self.file("source/name.bin", MB, 1))
        other = self.share(self.file("other/name.bin", MB, 2))
        self.assertEqual(other.wait(), 1)
        self.assertIn("name.bin", other.errors)

    def test_a_taken_name_is_known_before_hashing(self):
        self.share(self.file("source/name.bin", MB, 1))
        other = self.file("other/name.bin", 2 * MB, 2)
        other.chmod(0)  # nobody could hash it
        shared = self.start("share", other, "--tracker", self.place)
        self.assertEqual(shared.wait(), 1)
        self.assertIn("taken", shared.errors)

    def test_ones_own_entry_is_replaced_and_removed(self):
        home = self.folder / "home of the publisher"
        home.mkdir()
        self.share(self.file("source/mine.bin", MB, 1), "--description", "a line", home=home).end()
        for size, seed in ((MB, 2), (2 * MB, 3)):
            changed = self.start("share", self.file("source/mine.bin", size, seed), "--tracker", self.place, home=home)
            self.assertEqual(changed.wait(), 1)
            self.assertIn("--replace", changed.errors)
        replaced = self.share(self.folder / "source/mine.bin", "--replace", home=home)
        self.assertEqual(replaced.has("published")[0]["result"], "replaced")
        replaced.end()
        again = self.share(self.folder / "source/mine.bin", home=home)
        self.assertEqual(again.has("published")[0]["result"], "unchanged")
        self.assertEqual(self.entry("mine.bin")["description"], "a line")
        stranger = self.start("remove", "mine.bin", "--tracker", self.place)
        self.assertEqual(stranger.wait(), 1)
        self.assertEqual(self.start("remove", "mine.bin", "--tracker", self.place, home=home).wait(), 0)
        gone = self.start("remove", "mine.bin", "--tracker", self.place, home=home)
        self.assertEqual(gone.wait(), 1)

    def test_a_second_get_of_the_same_is_told_where_the_first_is_at_work(self):
        self.share(self.file("source/big.bin", 8 * MB))
        home = self.folder / "one home"
        home.mkdir()
        flags = ("big.bin", "--tracker", self.place, "-o", self.folder / "got")
        first = self.start("get", *flags, "--limit-down", "1M", home=home)
        self.assertTrue(eventually(lambda: any(e["have"] > 0 for e in first.has("progress"))))
        second = self.start("get", *flags, home=home)
        self.assertEqual(second.wait(), 1)
        self.assertIn(f"{self.folder / 'got'}: another 'spate get'", second.errors)
        first.end()

    def test_a_bound_sharer_is_found_where_it_listens(self):
        self.file("source/photos/a.jpg", MB)
        self.share(self.folder / "source/photos", "--bind", "127.0.0.7")
        self.assertTrue(eventually(lambda: self.entry("photos")["verified"]))
        code, got = self.get("photos", self.folder / "got")
        self.assertEqual(code, 0, got.errors)

    def test_a_mute_tracker_is_waited_for_aloud(self):
        with socket.create_server(("127.0.0.1", 0)) as mute:
            listed = self.start("list", "--tracker", f"127.0.0.1:{mute.getsockname()[1]}", "--time", "2.5")
            self.assertEqual(listed.wait(), 1)
        self.assertIn("waiting for the tracker", listed.errors)

    def test_names_that_do_not_read_as_they_are(self):
        shared = self.start("share", self.file("source/x", 1000), "--tracker", self.place, "--name", "gpj\u202eexe")
        self.assertEqual(shared.wait(), 2)
        self.assertIn("writing direction", shared.errors)

    def test_what_is_remembered_goes_when_it_is_over(self):
        self.share(self.file("source/big.bin", 16 * MB))
        home = self.folder / "home of the forgetful"
        home.mkdir()
        states = home / ".local/state/spate/resume"
        first = self.start("get", "big.bin", "--tracker", self.place, "-o", self.folder / "got", "--limit-down", "4M",
                           home=home)
        self.assertTrue(eventually(lambda: any(e["have"] > MB for e in first.has("progress"))))
        self.assertEqual(first.end(), 130)
        self.assertEqual(len(list(states.iterdir())), 1)
        code, second = self.get("big.bin", self.folder / "got", home=home)
        self.assertEqual(code, 0, second.errors)
        self.assertLess(second.has("finished")[0]["downloaded"], 16 * MB)
        self.assertEqual(list(states.iterdir()), [])
        code, third = self.get("big.bin", self.folder / "got", home=home)
        self.assertEqual(code, 0, third.errors)
        self.assertEqual(third.has("finished")[0]["downloaded"], 0)

    def test_another_file_of_that_name_stays(self):
        for name, size in (("same.bin", MB), ("large.bin", 3 * MB), ("small.bin", 9)):
            source = self.file(f"source/{name}", MB)
            self.share(source)
            notes = self.file(f"got/{name}", size, 9)
            before = notes.read_bytes()
            code, got = self.get(name, self.folder / "got")
            self.assertEqual(code, 1)
            self.assertIn("--overwrite", got.errors)
            self.assertEqual(notes.read_bytes(), before)
            code, got = self.get(name, self.folder / "got", "--overwrite")
            self.assertEqual(code, 0, got.errors)
            self.assertEqual(notes.read_bytes(), source.read_bytes())

    def test_links_and_executables(self):
        # BEP 47; a link leads below the torrent's own folder or is not made, and one that says it leads out is refused.
        evil = [{"length": 5, "path": ["a"]},
                {"length": 0, "path": ["l"], "attr": "l", "symlink path": ["..", "..", "secret"]}]
        torrent = self.folder / "evil.torrent"
        torrent.write_bytes(bencoded({"info": {"files": evil, "name": "evil", "piece length": 16384, "pieces": b"p" * 20}}))
        code, got = self.get(torrent, self.folder / "got")
        self.assertEqual(code, 1)
        self.assertIn("symlink path", got.errors)
        content = self.file("source/tree/tool", 20_000)
        links = {"in": ["sub", "deep"], "ok": ["tool"], "loop": ["loop"], "lost": ["nothing"]}
        files = [{"length": 20_000, "path": ["tool"], "attr": "x"}, {"length": 5, "path": ["sub", "deep"]}]
        files += [{"length": 0, "path": [name], "attr": "l", "symlink path": to} for name, to in links.items()]
        files += [{"length": 0, "path": ["sub", "up"], "attr": "l", "symlink path": ["ok"]}]
        data = content.read_bytes() + b"deep\n"
        (self.folder / "source/tree/sub").mkdir()
        (self.folder / "source/tree/sub/deep").write_bytes(b"deep\n")
        pieces = b"".join(hashlib.sha1(data[i:i + 16384]).digest() for i in range(0, len(data), 16384))
        torrent = self.folder / "tree.torrent"
        torrent.write_bytes(bencoded({"info": {"files": files, "name": "tree", "piece length": 16384, "pieces": pieces}}))
        seed = self.start("get", torrent, "-o", self.folder / "source", "--seed-until", "never")
        self.assertTrue(eventually(lambda: seed.has("finished")))
        peer = f"127.0.0.1:{seed.has('listening')[0]['port']}"
        code, got = self.get(torrent, self.folder / "got", "--peer", peer)
        self.assertEqual(code, 0, got.errors)
        tree = self.folder / "got/tree"
        self.assertTrue(os.access(tree / "tool", os.X_OK))
        self.assertFalse(os.stat(tree / "sub/deep").st_mode & 0o111)
        self.assertEqual({p.relative_to(tree).as_posix(): os.readlink(p) for p in tree.rglob("*") if p.is_symlink()},
                         {"in": "sub/deep", "ok": "tool", "sub/up": "../ok"})
        self.assertEqual((tree / "sub/up").read_bytes(), content.read_bytes())
        code, again = self.get(torrent, self.folder / "got")  # nothing is in its way
        self.assertEqual((code, again.has("warning")), (0, []))
        (tree / "ok").unlink()
        (tree / "ok").symlink_to("/etc/hostname")
        code, other = self.get(torrent, self.folder / "got")
        self.assertEqual(code, 0)
        self.assertIn("something else is there", other.has("warning")[0]["text"])
        self.assertEqual(os.readlink(tree / "ok"), "/etc/hostname")

    def test_the_tracker_given_is_asked_whatever_a_torrent_names(self):
        source = self.file("source/plain.bin", MB)
        for more in ((), ("--tracker", "http://127.0.0.1:1/announce")):
            torrent = self.folder / f"plain {len(more)}.torrent"
            made = self.start("create", source, "-o", torrent, "--source", str(len(more)), *more)
            self.assertEqual(made.wait(), 0, made.errors)
            seed = self.start("get", torrent, "--tracker", self.place, "-o", source.parent, "--seed-until", "never")
            self.assertTrue(eventually(lambda run=seed: run.has("finished")))
            code, got = self.get(torrent, self.folder / f"got {len(more)}", "--timeout", "20s")
            self.assertEqual(code, 0, got.errors)
            self.assertEqual(seed.end(), 0, seed.errors)

    def test_several_on_several_threads(self):
        names = ["one.bin", "two.bin", "three.bin"]
        sources = {name: self.file(name, 1_000_000, seed) for seed, name in enumerate(names, 1)}
        for source in sources.values():
            self.share(source)
        seed = self.start("get", *names, "--tracker", self.place, "-o", self.folder / "seed", "--shards", "2", "--port", "27101",
                          "--seed-until", "never")
        self.assertTrue(eventually(lambda: len(seed.has("finished")) == 3))
        self.assertEqual(seed.has("listening")[0]["ports"], [27101, 27102])
        code, got = self.get(names[0], self.folder / "got", *names[1:], "--shards", "auto")
        self.assertEqual(code, 0, got.errors)
        for name, source in sources.items():
            self.assertEqual((self.folder / "got" / name).read_bytes(), source.read_bytes())
        # A port that is taken is passed over; where too few are free there are fewer threads, and that is said.
        code, got = self.get(names[0], self.folder / "again", *names[1:], "--shards", "3", "--port", "27102")
        self.assertEqual(code, 0, got.errors)
        self.assertEqual(got.has("listening")[0]["ports"], [27103, 27104])
        self.assertTrue(any("2 of 3 shards" in warning["text"] for warning in got.has("warning")), got.errors)
        self.assertEqual(seed.end(), 0, seed.errors)

    def test_an_unknown_name_spoils_nothing_for_the_others(self):
        source = self.file("source/known.bin", 4 * MB)
        self.share(source)
        # Long enough for a tracker of the original system to have been asked for its list.
        run = self.start("get", "known.bin", "nothere", "--tracker", self.place, "-o", self.folder / "got",
                         "--limit-down", "1M")
        self.assertEqual(run.wait(), 1, run.errors)
        self.assertIn("nothing of that name", run.errors)
        self.assertEqual((self.folder / "got/known.bin").read_bytes(), source.read_bytes())

    def test_a_limit_beyond_any_network_is_none(self):
        source = self.file("source/fast.bin", MB)
        self.share(source, "--limit-up", "20G")
        code, got = self.get("fast.bin", self.folder / "got", "--limit-down", "10G", "--limit-peer-down", "99G")
        self.assertEqual(code, 0, got.errors)

    def test_words_that_are_none(self):
        for words, said in ((["frob"], "no command 'frob'"), (["get", "--frob"], "no flag --frob"),
                            (["list", "--sort", "foo"], "none of age")):
            run = self.start(*words)
            self.assertEqual(run.wait(), 2)
            self.assertIn(said, run.errors)
            self.assertIn(said, run.has("failed")[0]["text"])

    def test_what_cannot_be_said_is_no_success(self):
        self.share(self.file("source/said.bin", 1000))
        with open("/dev/full", "w", encoding="ascii") as full:
            for words in (["--version"], ["--help"], ["list", "--tracker", self.place]):
                run = subprocess.run([str(SPATE), *words], stdout=full, stderr=subprocess.PIPE, text=True,
                                     timeout=TIMEOUT, check=False)
                self.assertEqual(run.returncode, 1, words)
                self.assertIn("could not be written", run.stderr)
            nosuch = subprocess.run([str(SPATE), "nosuch"], stderr=full, timeout=TIMEOUT, check=False)
            self.assertEqual(nosuch.returncode, 1)

    def test_wrong_command_lines_are_told_at_once(self):
        there = self.file("source/x", 1000)
        for words, said in ((["share", there, "--name", ".."], "two dots in a row"),
                            (["share", there, "--name", "a/b"], "'a/b' cannot be the name of an entry"),
                            (["share", there, "--piece-size", "3"], "a power of two from 16k to 512M"),
                            (["get", "magnet:"], "magnet:?"), (["get", "magnet:?xt=urn:btih:zz"], "no v1 info-hash"),
                            (["share", ""], "names no file"), (["remove", ""], "cannot be the name of an entry"),
                            (["list", "--tracker", "http://h:1"], "no HOST or HOST:PORT"), (["list", "--config", "nowhere"], "nowhere: No such"),
                            (["get", "ftp://h/x"], "scheme"), (["get", ""], "no name"), (["info", "magnet:?dn=x"], "xt")):
            run = self.start(*words)
            self.assertEqual(run.wait(), 2, words)
            self.assertRegex(run.errors, f"^spate {words[0]}: ")
            self.assertIn(said, run.errors)
            self.assertIn(said, run.has("failed")[0]["text"])

    def test_what_does_not_work_names_command_object_and_reason(self):
        no_torrent = self.file("no.torrent", 100)
        place = ("--tracker", "127.0.0.1:1")
        for words, said in ((["share", "nowhere", *place], "nowhere: No such file"),
                            (["get", "a/b/c", *place], "a/b/c: neither a file"),
                            (["get", no_torrent, *place], f"read {no_torrent}: this is no .torrent that can be used"),
                            (["info", no_torrent], f"read {no_torrent}: this is no .torrent that can be used"),
                            (["remove", "x", *place], "connect to 127.0.0.1:1"), (["list", *place], "connect to 127.0.0.1:1"),
                            (["get", "x", *place, "--port", self.own_tracker.port], "--port names another"),
                            (["get", "x", *place, "--bind", "192.0.2.1", "--port", "27111"], "--bind names another"),
                            (["tracker", "--listen", f"127.0.0.1:{self.own_tracker.port}", "--state", self.folder / "s"], "already in use"),
                            (["create", "nowhere"], "nowhere: No such file"), (["verify", no_torrent, "x"], "no .torrent"),
                            (["client", "TRACKER", "C1", "--folder", "nowhere"], "has no file"),
                            (["tracker", "--state", self.folder / "tracker"], "another spate uses it")):
            run = self.start(*words)
            self.assertEqual(run.wait(), 1, words)
            self.assertTrue(run.errors.startswith("client: " if words[0] == "client" else f"spate {words[0]}: "), run.errors)
            self.assertNotIn(f"{words[0]}: {words[0]} ", run.errors)
            self.assertIn(said, run.errors)
            self.assertEqual([said in event["text"] for event in run.has("failed")], [True], words)

    def test_parts_give_the_whole_together(self):
        source = self.file("source/parted.bin", 5 * MB)
        for start in range(0, 100, 20):
            self.share(source, "--part", f"{start}%..{start + 20}%")
            self.assertTrue(eventually(lambda: len(self.peers("parted.bin")) == start // 20 + 1))
            entry = self.entry("parted.bin")  # each of them is one, and no seed
            self.assertEqual((entry["seeds"], entry["leechers"]), (0, start // 20 + 1))
            self.assertAlmostEqual(entry["coverage"], (start + 20) / 100, delta=0.05)
        code, _ = self.get("parted.bin", self.folder / "got")
        self.assertEqual(code, 0)
        self.assertEqual((self.folder / "got/parted.bin").read_bytes(), source.read_bytes())

    def test_what_part_of_a_folder_is_there_nobody_says(self):
        self.file("source/album/a.jpg", MB)
        self.share(self.folder / "source/album", "--part", "0%..50%")
        entry = self.entry("album")
        self.assertEqual((entry["seeds"], entry["leechers"], entry["coverage"]), (0, 1, None))

    def test_seeds_are_those_that_have_all(self):
        source = self.file("source/seeds.bin", 4 * MB)
        self.share(source)
        code, got = self.get("seeds.bin", self.folder / "got", "--limit-down", "2M")
        self.assertEqual(code, 0, got.errors)
        during = [event for event in got.has("progress") if 0 < event["have"] < event["total"]]
        self.assertTrue(during)
        self.assertEqual({event["seeds"] for event in during}, {1})

    def test_the_first_shares_of_a_user_may_come_at_once(self):
        home = self.folder / "home"
        home.mkdir()
        files = [self.file(f"{number}.bin", 100_000, seed=number) for number in range(6)]
        runs = [self.start("share", file, "--tracker", self.place, home=home) for file in files]
        for run in runs:
            self.assertTrue(eventually(lambda r=run: r.has("published") or r.process.poll() is not None))
            self.assertIsNone(run.process.poll(), "it could not make or read the key")

    def test_who_stopped_is_not_listed(self):
        source = self.file("source/gone.bin", MB)
        shared = self.share(source)
        self.assertTrue(eventually(lambda: self.peers("gone.bin")))  # the classic tracker file knows it, too
        self.assertEqual(self.entry("gone.bin")["seeds"], 1)
        code, got = self.get("gone.bin", self.folder / "got")
        self.assertEqual(code, 0, got.errors)
        with urllib.request.urlopen(f"http://{self.place}/stats.json") as stats:
            self.assertEqual(json.load(stats)["completed"], 1)
        seed = self.start("get", "gone.bin", "--tracker", self.place, "-o", self.folder / "got 2", "--seed-until", "never")
        self.assertTrue(eventually(lambda: len(self.peers("gone.bin")) == 2))
        for run in (shared, seed):
            self.assertEqual(run.end(), 0)
        self.assertEqual(self.peers("gone.bin"), [])
        entry = self.entry("gone.bin")
        self.assertEqual((entry["seeds"], entry["leechers"], entry["coverage"]), (0, 0, 0))

    def test_a_classic_sender_that_stopped_is_not_listed(self):
        source = self.file("source/old.bin", 10_000)
        sender = Program(BIN / "client", "TRACKER", "C1", "--senders", "1", "--tracker", self.place, "--folder",
                         source.parent, "--file", source.name, "--interval", "0.01", "--listen", "127.0.0.1:0", "--json")
        sender.event("announced")
        self.assertTrue(eventually(lambda: self.peers("old.bin")))
        sender.stop()
        self.assertEqual(self.peers("old.bin"), [])

    def test_a_changed_file_is_shared_no_more(self):
        source = self.file("source/changed.bin", MB)
        shared = self.share(source)
        self.assertTrue(eventually(lambda: self.peers("changed.bin")))
        with source.open("r+b") as file:
            file.seek(MB // 2)
            file.write(b"other")
        got = self.start("get", "changed.bin", "--tracker", self.place, "-o", self.folder / "got")
        self.assertTrue(eventually(lambda: shared.has("warning")))
        self.assertTrue(eventually(lambda: self.entry("changed.bin")["seeds"] == 0))
        self.assertEqual(self.peers("changed.bin"), [])
        self.assertEqual(got.end(), 130)
        self.assertEqual(len(shared.has("warning")), 1, shared.has("warning"))

    def test_all_names_that_cannot_be_shared_are_told(self):
        for name in (b"a\xff", b"b\n"):
            with open(bytes(self.file("source/odd/c", 10).parent) + b"/" + name, "wb") as file:
                file.write(b"x")
        shared = self.start("share", self.folder / "source/odd", "--tracker", self.place)
        self.assertEqual(shared.wait(), 1)
        self.assertIn("'a\\xff' is not UTF-8, 'b\\x0a' holds a control byte", shared.errors)

    def test_a_magnet_of_half_a_hybrid_leaves_no_state(self):
        shared = self.share(self.file("source/half.bin", MB), "--hybrid")
        magnet = "magnet:?xt=urn:btih:" + self.entry("half.bin")["info_hash_v1"]
        home = self.folder / "home of the magnet"
        home.mkdir()
        code, got = self.get(magnet, self.folder / "got", home=home)
        self.assertEqual(code, 0, got.errors)
        self.assertEqual(list((home / ".local/state/spate/resume").iterdir()), [])
        self.assertEqual(shared.end(), 0)

    def test_a_torrent_file_that_is_not_there_is_called_so(self):
        code, got = self.get("nofile.torrent", self.folder / "got")
        self.assertEqual(code, 1)
        self.assertIn("nofile.torrent: there is no such file; taken for a name: the tracker", got.errors)

    def test_what_is_named_twice_is_taken_once(self):
        source = self.file("source/twice.bin", MB)
        self.share(source)
        for again in ("twice.bin", f"{self.place}/twice.bin"):
            code, got = self.get("twice.bin", self.folder / "got", again)
            self.assertEqual(code, 0, got.errors)
            self.assertEqual(len(got.has("finished")), 1)
            self.assertIn("taken once", got.has("warning")[0]["text"])
        self.assertEqual((self.folder / "got/twice.bin").read_bytes(), source.read_bytes())

    def test_what_is_wrong_is_said(self):
        code, got = self.get("no such thing", self.folder / "got")
        self.assertEqual(code, 1)
        self.assertIn("spate list", got.errors)
        self.place = "127.0.0.1:1"
        code, got = self.get("anything", self.folder / "got")
        self.assertEqual(code, 1)
        self.assertIn("--tracker", got.errors)
        shared = self.start("share", self.file("source/x", 1000), "--tracker", self.place)
        self.assertEqual(shared.wait(), 1)
        self.assertIn("spate tracker", shared.errors)
        self.assertEqual(self.start("share", self.folder / "nowhere").wait(), 1)
        self.assertEqual(self.start("get", "x", "--seed-until", "sometimes").wait(), 2)


class TrackerRestarts(SpateTest):
    def restart(self, end):
        end()
        self.own_tracker = Tracker(self.folder / "tracker", *self.tracker_flags, port=self.own_tracker.port)

    def share_a_folder(self):
        """BitTorrent only: of a single file the classic entry would still name its peers."""
        self.file("source/photos/a.jpg", MB)
        return self.share(self.folder / "source/photos")

    def get_it_at_once(self):
        self.assertEqual(self.entry("photos")["seeds"], 1)
        code, got = self.get("photos", self.folder / "got")
        self.assertEqual(code, 0, got.errors)
        self.assertEqual((self.folder / "got/photos/a.jpg").read_bytes(), (self.folder / "source/photos/a.jpg").read_bytes())

    def test_who_shared_before_is_found_at_once(self):
        self.share_a_folder()
        self.assertTrue(eventually(lambda: self.entry("photos")["seeds"] == 1))
        self.restart(self.own_tracker.stop)
        self.get_it_at_once()

    def test_also_seconds_before_kill(self):
        self.share_a_folder()
        self.assertTrue(eventually((self.folder / "tracker/.spate/swarms").exists))
        self.restart(self.own_tracker.kill)
        self.get_it_at_once()

    def test_a_damaged_file_is_told_and_does_no_harm(self):
        shared = self.share_a_folder()
        swarms = self.folder / "tracker/.spate/swarms"
        self.assertTrue(eventually(swarms.exists))
        self.own_tracker.stop()
        content = bytearray(swarms.read_bytes())
        content[-30] ^= 1  # in the last block of swarms
        swarms.write_bytes(content)
        self.restart(lambda: None)
        self.assertEqual(self.entry("photos")["name"], "photos")
        self.assertEqual(shared.end(), 0)
        self.assertIn(f"{swarms}: a damaged block", told := self.own_tracker.stop()[2])
        self.assertIn("kept as swarms.damaged", told)
        self.assertTrue(swarms.with_name("swarms.damaged").exists())
        again = Tracker(self.folder / "tracker")  # what the last one left is good
        self.assertEqual(again.stop()[2], "")
        self.restart(lambda: None)


if __name__ == "__main__":
    run_unittest()
