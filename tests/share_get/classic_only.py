#!/usr/bin/env python3
"""`spate list` and `get` at a tracker that speaks the classic protocol and nothing else, with a classic sender."""
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "classic"))
from harness import BIN, TIMEOUT, Program, RequestServer, md5, run_unittest
from share_get import MB, SpateTest


class ClassicTracker(RequestServer):
    """Knows createtracker, updatetracker, REQ LIST and GET; another request is answered with `unknown`, or never."""

    def __init__(self, unknown):
        self.unknown = unknown
        self.entries = {}  # name: [size, md5, {endpoint: line}]
        self.ended = threading.Event()
        super().__init__()

    def take(self, request, link):
        reply = self.answer(request.decode("latin-1").strip().strip("<>").split())
        if reply is None:
            self.ended.wait(TIMEOUT)
        else:
            link.sendall(reply.encode())

    def answer(self, words):
        match words:
            case ["createtracker", name, size, _, checksum, host, port]:
                line = f"{host}:{port}:0:{size}:{int(time.time())}"
                known = self.entries.setdefault(name, [size, checksum, {}])
                known[2][host, port] = line
                return "<createtracker succ>\n"
            case ["updatetracker", name, start, end, host, port] if name in self.entries:
                self.entries[name][2][host, port] = f"{host}:{port}:{start}:{end}:{int(time.time())}"
                return f"<updatetracker {name} succ>\n"
            case ["REQ", "LIST"]:
                lines = [f"<{i} {name} {size} {checksum}>\n"
                         for i, (name, (size, checksum, _)) in enumerate(self.entries.items(), 1)]
                return f"<REP LIST {len(lines)}>\n{''.join(lines)}<REP LIST END>\n"
            case ["GET", name] if name.removesuffix(".track") in self.entries:
                name = name.removesuffix(".track")
                size, checksum, peers = self.entries[name]
                file = f"Filename: {name}\nFilesize: {size}\nDescription: -\nMD5: {checksum}\n" + "".join(
                    line + "\n" for line in peers.values())
                return f"<REP GET BEGIN>\n{file}<REP GET END {md5(file.encode())}>\n"
        return self.unknown

    def close(self):
        self.ended.set()
        super().close()


class ClassicOnly(SpateTest):
    def tracker(self, unknown):
        tracker = ClassicTracker(unknown)
        self.addCleanup(tracker.close)
        self.place = f"127.0.0.1:{tracker.port}"
        return tracker

    def send(self, name, size):
        """A classic sender of all of a new file, once the tracker knows it."""
        source = self.file(f"source/{name}", size)
        sender = Program(BIN / "client", "TRACKER", "C1", "--senders", "1", "--tracker", self.place, "--folder",
                         source.parent, "--file", name, "--interval", "0.1", "--listen", "127.0.0.1:0", "--json")
        self.addCleanup(sender.stop)
        for _ in range(4):  # a quarter more each time
            sender.event("announced")
        return source

    def fetch(self, unknown):
        self.tracker(unknown)
        source = self.send("old.bin", MB + 17)
        code, got = self.get("old.bin", self.folder / "got")
        self.assertEqual(code, 0, got.errors)
        self.assertEqual((self.folder / "got/old.bin").read_bytes(), source.read_bytes())

    def test_one_that_answers_http_with_its_own_words(self):
        self.fetch("<GET invalid>\n")
        listed = self.start("list", "--tracker", self.place)
        self.assertEqual(listed.wait(), 0, listed.errors)
        self.assertIn(("old.bin", MB + 17), [(entry["name"], entry["size"]) for entry in listed.events])
        code, got = self.get("new.bin", self.folder / "got")
        self.assertEqual(code, 1)
        self.assertIn("nothing of that name", got.errors)

    def test_one_that_hangs_up(self):
        self.fetch("")

    def test_one_that_says_nothing(self):
        self.fetch(None)

    def test_share_says_that_it_keeps_no_torrents(self):
        self.tracker("<GET invalid>\n")
        shared = self.start("share", self.file("source/x.bin", 1000), "--tracker", self.place)
        self.assertEqual(shared.wait(), 1)
        self.assertIn("classic", shared.errors)

    def test_another_file_of_that_name_stays(self):
        self.tracker("<GET invalid>\n")
        self.send("old.bin", MB)
        notes = self.file("got/old.bin", 100, 9)
        before = notes.read_bytes()
        code, got = self.get("old.bin", self.folder / "got")
        self.assertEqual(code, 1)
        self.assertIn("--overwrite", got.errors)
        self.assertEqual(notes.read_bytes(), before)
        code, got = self.get("old.bin", self.folder / "got", "--overwrite")
        self.assertEqual(code, 0, got.errors)


if __name__ == "__main__":
    run_unittest()
