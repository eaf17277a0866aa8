"""The trackers of the matrix, and what they say about a swarm."""
import os
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import libtorrent as lt

from private_net import places
from waiting import Process, wait_for

SPATE = Path(os.environ.get("SPATE_BIN", Path(__file__).resolve().parents[2] / "build/bin")) / "spate"


class Tracker:
    """`address` and `port` answer HTTP, and UDP too; `process` is it."""

    def announce_url(self, scheme):
        return f"{scheme}://{self.address}:{self.port}/announce"

    def scrape(self, swarm):
        """(seeds, leechers) of an info-hash of 20 bytes."""
        url = f"http://{self.address}:{self.port}/scrape?info_hash={quote(swarm)}"
        try:
            with urllib.request.urlopen(url, timeout=5) as reply:
                found = lt.bdecode(reply.read()).get(b"files", {}).get(swarm, {})
        except (urllib.error.URLError, OSError):
            return 0, 0
        return found.get(b"complete", 0), found.get(b"incomplete", 0)

    def answers(self):
        try:
            with urllib.request.urlopen(f"http://{self.address}:{self.port}/scrape?info_hash={'x' * 20}", timeout=1):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def stop(self):
        self.process.stop()


class OpenTracker(Tracker):
    name = "opentracker"

    def __init__(self, folder, payloads):
        self.address, self.port = places.next()
        folder.mkdir()
        # Debian's serves only the info-hashes it is given.
        (folder / "hashes").write_text("".join(f"{swarm.hex()}\n" for p in payloads for swarm in p.swarms))
        os.chmod(folder, 0o755)
        # It goes to `folder` as its root before it reads the list.
        self.process = Process(["opentracker", "-i", self.address, "-p", self.port, "-P", self.port, "-d", folder,
                                "-w", "hashes" if os.getuid() == 0 else folder / "hashes"], folder / "log", cwd=folder)
        wait_for(self.answers, "opentracker answers", process=self.process)


class SpateTracker(Tracker):
    name = "spate"

    def __init__(self, folder, address=None):
        self.address, self.port = places.next()
        self.address = address or self.address
        folder.mkdir()
        self.process = Process([SPATE, "tracker", "--json", "--listen", f"{self.address}:{self.port}", "--state",
                                folder / "state"], folder / "log")
        wait_for(self.answers, "spate tracker answers", process=self.process)
