"""What bench/transfer and bench/swarm share: the programs that take part, and what is read off them."""
import json
import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tests/interop"))
from clients import Aria2, Client, RTorrent, Spate, Transmission  # noqa: E402
from trackers import SPATE  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")


class LibTorrent(Client):
    """A process of its own in C++ (bench/libtorrent_peer.cpp), as Python would be charged to it."""
    name, disk = "libtorrent", "posix"

    def start(self, source, folder, _scheme):
        self.run([TOP / "build/bench/libtorrent_peer", source, folder, f"{self.address}:{self.port}", self.disk])

    def done(self):
        return "done" in self.process.log.read_text()


class LibTorrentMmap(LibTorrent):
    name, disk = "libtorrent (mmap)", "mmap"


PROGRAMS = {p.name: p for p in (Spate, LibTorrent, LibTorrentMmap, RTorrent, Aria2, Transmission)}


def parse_size(text):
    return int(float(text.rstrip("kMG")) * {"k": 1 << 10, "M": 1 << 20, "G": 1 << 30}.get(text[-1], 1))


def make_file(path, size):
    block = os.urandom(1 << 20)
    with open(path, "wb") as out:
        for at in range(0, size, len(block)):
            out.write(at.to_bytes(8, "little") + block[8:min(len(block), size - at)])


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_mib(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def has_data(folder):
    return any(p.is_file() and p.stat().st_blocks for p in folder.rglob("*"))


def make_torrent(payload, piece, announce_url, torrent):
    """Writes a v1 torrent of the payload; gives its info-hash."""
    subprocess.run([SPATE, "create", payload, "--v1", "--piece-size", str(piece), "--tracker", announce_url, "-o", torrent, "-q"],
                   check=True)
    return bytes.fromhex(json.loads(subprocess.check_output([SPATE, "info", torrent, "--json"]))["info_hash_v1"])
