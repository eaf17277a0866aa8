"""Runs the spate program for the tests of this folder, and makes trees of files."""
import json
import os
import random
import subprocess
import tempfile
import unittest
from pathlib import Path

SPATE = str(Path(os.environ.get("SPATE_BIN", Path(__file__).resolve().parents[2] / "build/bin")) / "spate")
VERSIONS = ("v1", "v2", "hybrid")


def spate(*arguments, folder=None):
    return subprocess.run([SPATE, *map(str, arguments)], capture_output=True, cwd=folder, timeout=250, check=False)


def run(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=250, check=True).stdout


def write_tree(root, sizes, seed):
    """sizes: {path below root: bytes}."""
    source = random.Random(seed)
    for name, size in sizes.items():
        path = Path(root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source.randbytes(size))


def flip(path, offset):
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 0x40]))


class SpateTest(unittest.TestCase):
    def setUp(self):
        memory = "/dev/shm"  # thousands of files, and a sync for each torrent: sooner where no disk is asked
        folder = tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None)
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def create(self, path, *flags):
        torrent = self.folder / "ours.torrent"
        done = spate("create", path, "-o", torrent, "--force", "--json", *flags)
        self.assertEqual(done.returncode, 0, done.stderr)
        return torrent, json.loads(done.stdout)

    def info(self, source):
        done = spate("info", source, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def verify(self, torrent, path, good=True):
        done = spate("verify", torrent, path, "--json")
        self.assertEqual(done.returncode, 0 if good else 1, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(report["ok"], good)
        return report
