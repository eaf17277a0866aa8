#!/usr/bin/python3
"""The interop matrix: Spate and the BitTorrent clients of Debian move files to each other, through our tracker and opentracker.

    matrix.py                    everything; prints a table, exit code 0 if every cell is right
    matrix.py rtorrent magnet    the cells whose name has all these words
    matrix.py --among            the other clients among themselves: what the harness itself is worth
    --jobs N  cells at a time;  --keep  keeps the folder with all logs and says where it is

A cell: a tracker, one client with the content, others without; each is done when it says so and its files are equal.
Where Spate has the content and the tracker is ours, it is `spate share` that publishes it; elsewhere `spate get` goes on as a seed.
"""
import argparse
import itertools
import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import private_net
from clients import CLIENTS, Aria2, LibTorrent, RTorrent, Spate, SpateShare
from payload import Payload, digests
from trackers import OpenTracker, SpateTracker
from waiting import Hung, wait_for

SHAPES = ("file", "folder")
SOURCES = ("torrent", "magnet")
SCHEMES = ("http", "udp")


@dataclass
class Cell:
    seeders: tuple
    leechers: tuple
    tracker: str
    scheme: str
    shape: str
    source: str
    version: str
    outcome: str = "not run"
    seconds: float = 0
    log: str = ""
    payload: Payload = field(default=None, repr=False)

    def pair(self):
        return "+".join(c.name for c in self.seeders) + " > " + "+".join(c.name for c in self.leechers)

    def column(self):
        return f"{self.tracker} {self.scheme}"

    def row(self):
        return f"{self.pair():<28} {self.version:<6} {self.shape:<6} {self.source}"

    def name(self):
        return f"{self.row()} {self.column()}"


def pairs(among):
    """(seeder, leecher, version)"""
    if among:
        for seeder, leecher in itertools.permutations(CLIENTS, 2):
            if (seeder, leecher) == (RTorrent, Aria2):
                continue  # both dial, and each drops the connection the other keeps
            yield seeder, leecher, "v1"
        yield LibTorrent, LibTorrent, "v2"
        yield LibTorrent, LibTorrent, "hybrid"
        return
    yield Spate, Spate, "v1"
    yield Spate, Spate, "v2"
    yield Spate, Spate, "hybrid"
    for client in CLIENTS:
        for version in client.versions:
            yield client, Spate, version
            yield Spate, client, version


def cells(among):
    trackers = ("opentracker",) if among else ("spate", "opentracker")
    for seeder, leecher, version in pairs(among):
        for shape, source, tracker, scheme in itertools.product(SHAPES, SOURCES, trackers, SCHEMES):
            yield Cell((seeder,), (leecher,), tracker, scheme, shape, source, version)
    for tracker, scheme in itertools.product(trackers, SCHEMES):
        everybody = CLIENTS if among else (*CLIENTS, Spate)
        yield Cell((LibTorrent if among else Spate,), everybody, tracker, scheme, "folder", "torrent", "v1")
        yield Cell(everybody, everybody, tracker, scheme, "file", "magnet", "v1")


def run(cell, folder, tracker):
    """Raises what went wrong."""
    url = tracker.announce_url(cell.scheme)
    torrent = cell.payload.torrent(url)
    running = []
    try:
        # Our own seeder publishes where it can: at our tracker.
        shares = cell.seeders == (Spate,) and cell.tracker == SpateTracker.name
        for number, kind in enumerate((SpateShare,) if shares else cell.seeders):
            client = kind(folder / f"seeder-{number}-{kind.name}")
            running.append(client)
            content = client.folder / "content"
            shutil.copytree(cell.payload.content, content)
            if shares:
                cell.payload.adopt(client.share(content / cell.payload.name, tracker, cell.version))
                torrent = cell.payload.torrent(url)
            else:
                client.start(torrent, content, cell.scheme)
        wait_for(lambda: all(tracker.scrape(swarm)[0] >= len(running) for swarm in cell.payload.swarms[:1]),
                 "the tracker knows the seeders")
        leechers = []
        for number, kind in enumerate(cell.leechers):
            client = kind(folder / f"leecher-{number}-{kind.name}")
            running.append(client)
            leechers.append(client)
            (client.folder / "content").mkdir()
            client.start(torrent if cell.source == "torrent" else cell.payload.magnet(url), client.folder / "content",
                         cell.scheme)
        for client in leechers:
            wait_for(client.done, f"{client.name} has everything", process=client.process)
        for client in leechers:  # done; but what a client says and what it wrote may be a moment apart
            wanted = cell.payload.wanted if client.makes_empty_files else cell.payload.without_empty_files()
            wait_for(lambda: digests(client.folder / "content" / cell.payload.name) == wanted,
                     f"the files of {client.name} are equal", patience=5)
    except Exception as error:
        logs = "".join(f"\n--- {c.folder.name}:\n{c.tail()}" for c in running)
        raise Hung(f"{error}{logs}") from error
    finally:
        for client in running:
            client.stop()


def attempt(cell, folder, trackers):
    started = time.monotonic()
    try:
        run(cell, folder, trackers[cell.tracker])
        cell.outcome = "ok"
    except Exception as error:  # a cell's fault is a row of the table, whatever it is
        cell.outcome, cell.log = "FAILED", str(error)
    cell.seconds = time.monotonic() - started


def print_table(done):
    columns = sorted({cell.column() for cell in done}, reverse=True)
    rows = {}
    for cell in done:
        rows.setdefault(cell.row(), {})[cell.column()] = cell
    print(f"{'seeds > leeches':<28} {'':<6} {'':<6} {'':<8} " + " ".join(f"{c:<16}" for c in columns))
    for row, found in rows.items():
        shown = [f"{found[c].outcome} {found[c].seconds:.1f} s" if c in found else "" for c in columns]
        print(f"{row:<51} " + " ".join(f"{text:<16}" for text in shown))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--among", action="store_true")
    parser.add_argument("--jobs", type=int, default=16)
    parser.add_argument("--keep", action="store_true")
    flags = parser.parse_args()
    private_net.enter()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="spate-interop-", dir=memory))
    chosen = [cell for cell in cells(flags.among) if all(word in cell.name() for word in flags.words)]
    if not chosen:
        sys.exit("no cell has all these words")
    started = time.monotonic()
    trackers = {}
    try:
        for number, cell in enumerate(chosen):
            cell.payload = Payload(folder / str(number), f"payload {number}", cell.shape, cell.version)
        names = {cell.tracker for cell in chosen}
        if "opentracker" in names:
            trackers["opentracker"] = OpenTracker(folder / "opentracker", [cell.payload for cell in chosen])
        if "spate" in names:
            trackers["spate"] = SpateTracker(folder / "spate")
        with ThreadPoolExecutor(flags.jobs) as pool:
            list(pool.map(lambda item: attempt(item[1], folder / str(item[0]), trackers), enumerate(chosen)))
    finally:
        for tracker in trackers.values():
            tracker.stop()
        if flags.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print_table(chosen)
    failed = [cell for cell in chosen if cell.outcome != "ok"]
    for cell in failed:
        print(f"\nFAILED: {cell.name()}\n{cell.log}")
    print(f"{len(chosen) - len(failed)} of {len(chosen)} cells right, {time.monotonic() - started:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
