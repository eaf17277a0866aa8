#!/usr/bin/env python3
"""`spate tracker`, `share` and `get` as a person uses them: in clean folders, killed in the middle, told wrong things."""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "classic"))
from harness import BIN, TIMEOUT, Tracker, eventually, run_unittest

SPATE = BIN / "spate"
MB = 1 << 20


class Run:
    """A `spate` command with its JSON events read as they come."""

    def __init__(self, home, *args):
        self.events = []
        self.process = subprocess.Popen(
            [str(SPATE), *map(str, args), "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env={"HOME": str(home), "PATH": os.environ["PATH"]})
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def has(self, name):
        return [event for event in self.events if event["event"] == name]

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


class ShareAndGet(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.tracker = Tracker(self.folder / "tracker")
        self.addCleanup(self.tracker.stop)
        self.place = f"127.0.0.1:{self.tracker.port}"
        self.homes = 0
        self.running = []
        self.addCleanup(self.end_all)

    def end_all(self):
        for run in self.running:
            if run.process.poll() is None:
                run.end(signal.SIGKILL)

    def start(self, *args, home=None):
        if home is None:
            self.homes += 1
            home = self.folder / f"home {self.homes}"
            home.mkdir()
        run = Run(home, *args)
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

    def test_killed_in_the_middle_it_goes_on(self):
        source = self.file("source/big.bin", 16 * MB)
        self.share(source)
        home = self.folder / "home of the killed"
        home.mkdir()
        first = self.start("get", "big.bin", "--tracker", self.place, "-o", self.folder / "got", "--limit-down", "4M",
                           home=home)
        self.assertTrue(eventually(lambda: any(e["have"] > 6 * MB for e in first.has("progress"))))
        first.end(signal.SIGKILL)
        code, second = self.get("big.bin", self.folder / "got", home=home)
        self.assertEqual(code, 0)
        self.assertEqual((self.folder / "got/big.bin").read_bytes(), source.read_bytes())
        self.assertLess(second.has("finished")[0]["downloaded"], 15 * MB)

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

    def test_parts_give_the_whole_together(self):
        source = self.file("source/parted.bin", 5 * MB)
        for start in range(0, 100, 20):
            self.share(source, "--part", f"{start}%..{start + 20}%")
        code, _ = self.get("parted.bin", self.folder / "got")
        self.assertEqual(code, 0)
        self.assertEqual((self.folder / "got/parted.bin").read_bytes(), source.read_bytes())

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


if __name__ == "__main__":
    run_unittest()
