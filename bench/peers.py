"""What bench/transfer, bench/swarm and bench/disk share: the programs that take part, with what their manuals offer for speed, and
what is read off them.

All send in plain text (between peers that can both, no one encrypts), keep to TCP and find each other by one tracker. Who is done
says so by itself (a line in its log, or a file that its hook touches), as to answer questions would cost it time.
  libtorrent    high_performance_seed(), two hashing threads; disk I/O by posix calls, and once more by mmap, its own default
  aria2         no preallocation, which is dear on tmpfs; glibc keeps freed memory: giving it back and taking it anew, for each turn of
                its seeder, was two thirds of all it used (its other knobs changed nothing: cache, mmap, polling, peers)
  rtorrent      encryption none, whole-file hash at the end off (pieces are hashed as they come)
  transmission  encryption 0 (its other knobs changed nothing, or cost more: cache, preallocation)
"""
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from machine import BENCH, TOP
from trackers import SPATE
try:
    from clients import Aria2, Client, RTorrent, Spate, Transmission
except ModuleNotFoundError as error:
    sys.exit(f"{Path(sys.argv[0]).name}: this Python has no module '{error.name}'; './setup test' installs it for /usr/bin/python3")

TICKS = os.sysconf("SC_CLK_TCK")
FAILURES = (OSError, AssertionError, subprocess.SubprocessError)


class LibTorrent(Client):
    """A process of its own in C++ (bench/libtorrent_peer.cpp), as Python would be charged to it."""
    name, disk = "libtorrent", "posix"

    def start(self, source, folder, _scheme):
        self.run([BENCH / "libtorrent_peer", source, folder, f"{self.address}:{self.port}", self.disk])

    def done(self):
        return "done" in self.process.log.read_text()


class LibTorrentMmap(LibTorrent):
    name, disk = "libtorrent-mmap", "mmap"


class QuickAria2(Aria2):
    environment = {**os.environ, "MALLOC_TOP_PAD_": str(16 << 20), "MALLOC_TRIM_THRESHOLD_": str(256 << 20)}


class QuickRTorrent(RTorrent):
    encryption = "none"

    def more_settings(self):
        return ["pieces.hash.on_completion.set = no",
                f"method.set_key = event.download.finished, told, \"execute.nothrow = {self.make_hook()}\""]

    def done(self):
        return self.marker.exists()


class QuickTransmission(Transmission):
    def more_settings(self):
        return {"encryption": 0, "script-torrent-done-enabled": True,
                "script-torrent-done-filename": str(self.make_hook())}

    def done(self):
        return self.marker.exists()


PROGRAMS = {p.name: p for p in (Spate, LibTorrent, LibTorrentMmap, QuickRTorrent, QuickAria2, QuickTransmission)}


def rivals(names):
    """What bench/machine.py's about() is to ask for its version."""
    return dict.fromkeys(name.split("-")[0] for name in names if name not in ("spate", "limit"))


def build_libtorrent_peer(name="libtorrent_peer"):
    return subprocess.run([TOP / "bench/build_libtorrent_peer", name], check=False).returncode == 0


def take_turns(rounds, runs):
    """Runs each of `runs` (by name) once a round, so that a noisy machine is noisy for all. Gives rows of the runs that went well, and
    the last failure, by name."""
    rows, failures = {name: [] for name in runs}, {}
    for number in range(rounds):
        for name, run in runs.items():
            print(f"round {number + 1}: {name}", file=sys.stderr, flush=True)
            try:
                rows[name].append(run())
            except FAILURES as error:
                print(f"{name}: {error}", file=sys.stderr)
                failures[name] = str(error).splitlines()[0]
    return rows, failures


def print_medians(rows, failures, rounds, line):
    """A row a program: line(medians of its columns), and how many rounds they are of if some failed."""
    for name, row in rows.items():
        text = line(*(statistics.median(column) for column in zip(*row))) if row else "  failed"
        print(f"{name:20}{text}" + (f"   ({len(row)} of {rounds} rounds: {failures[name]})" if name in failures else ""))


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def has_data(folder):
    return any(p.is_file() and p.stat().st_blocks for p in folder.rglob("*"))


def make_torrent(payload, piece, announce_url, torrent):
    """Writes a v1 torrent of the payload; gives its info-hash."""
    subprocess.run([SPATE, "create", payload, "--v1", "--piece-size", str(piece), "--tracker", announce_url, "-o", torrent, "-q"],
                   check=True)
    return bytes.fromhex(json.loads(subprocess.check_output([SPATE, "info", torrent, "--json"]))["info_hash_v1"])
