"""Each client of the matrix behind one face: run it on a .torrent or magnet and a folder, ask whether all is there.

A client is given one torrent. DHT, local discovery, port mapping and uTP are off: peers come from the tracker.
    start(source, folder, scheme)   a seeder when the folder has the content, a leecher otherwise; scheme: of the tracker
    done()                  everything is there and was hashed
    stop(), tail()          the end, and the last words of its log
"""
import http.client
import json
import socket
import stat
import urllib.error
import urllib.request
import xmlrpc.client
from pathlib import Path

import libtorrent as lt

from private_net import places
from trackers import SPATE
from waiting import Process, wait_for

HERE = Path(__file__).resolve().parent


class Client:
    makes_empty_files = True

    def __init__(self, folder):
        self.folder = folder
        self.address, self.port = places.next()  # and the next three ports
        self.process = None
        folder.mkdir(parents=True)

    def run(self, command, env=None):
        self.process = Process(command, self.folder / "log", cwd=self.folder, env=env)

    def make_hook(self):
        """A program that touches self.marker."""
        self.marker = self.folder / "done"
        hook = self.folder / "hook"
        hook.write_text(f"#!/bin/sh\ntouch '{self.marker}'\n")
        hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
        return hook

    def ended(self):
        return self.process is not None and self.process.ended()

    def stop(self):
        if self.process:
            self.process.stop()

    def tail(self):
        return self.process.tail() if self.process else ""


class Transmission(Client):
    name = "transmission"
    versions = ("v1",)
    makes_empty_files = False

    def more_settings(self):
        return {}

    def start(self, source, folder, scheme):
        config = self.folder / "config"
        config.mkdir()
        (config / "settings.json").write_text(json.dumps({
            "bind-address-ipv4": self.address, "peer-port": self.port, "rpc-bind-address": self.address,
            "rpc-port": self.port + 1, "rpc-whitelist-enabled": False, "rpc-host-whitelist-enabled": False,
            "download-dir": str(folder), "dht-enabled": False, "lpd-enabled": False, "port-forwarding-enabled": False,
            "utp-enabled": False, "rename-partial-files": False, "watch-dir-enabled": False, **self.more_settings()}))
        self.session_id = ""
        self.run(["transmission-daemon", "-f", "-g", config])
        wait_for(lambda: self.ask("session-get"), "transmission answers", process=self.process)
        self.ask("torrent-add", filename=str(source), **{"download-dir": str(folder)})

    def ask(self, method, **arguments):
        body = json.dumps({"method": method, "arguments": arguments}).encode()
        for _ in range(2):
            request = urllib.request.Request(f"http://{self.address}:{self.port + 1}/transmission/rpc", body,
                                             {"X-Transmission-Session-Id": self.session_id})
            try:
                with urllib.request.urlopen(request, timeout=10) as reply:
                    return json.load(reply)
            except urllib.error.HTTPError as error:
                self.session_id = error.headers["X-Transmission-Session-Id"]
            except (OSError, http.client.HTTPException):
                return None
        return None

    def done(self):
        reply = self.ask("torrent-get", fields=["leftUntilDone", "metadataPercentComplete", "status", "errorString"])
        found = reply["arguments"]["torrents"] if reply else []
        checking = (1, 2)
        return bool(found) and found[0]["metadataPercentComplete"] == 1 and found[0]["leftUntilDone"] == 0 \
            and found[0]["status"] not in checking


class Aria2(Client):
    name = "aria2"
    versions = ("v1",)
    environment = None  # ours

    def start(self, source, folder, scheme):
        # It asks UDP trackers through its DHT's socket; that has nobody to talk to here.
        dht = "true" if scheme == "udp" else "false"
        self.run(["aria2c", "--no-conf", f"--enable-dht={dht}", f"--dht-file-path={self.folder}/dht", "--enable-dht6=false", "--bt-enable-lpd=false",
                  f"--interface={self.address}", f"--listen-port={self.port}", f"--dht-listen-port={self.port + 1}",
                  "--check-integrity=true", "--bt-hash-check-seed=true", "--seed-ratio=0.0", "--file-allocation=none",
                  f"--on-bt-download-complete={self.make_hook()}", f"--dir={folder}", "--summary-interval=0",
                  "--follow-torrent=mem", source], env=self.environment)

    def done(self):
        return self.marker.exists()


class RTorrent(Client):
    name = "rtorrent"
    versions = ("v1",)
    encryption = "allow_incoming,try_outgoing,enable_retry"

    def more_settings(self):
        return []

    def start(self, source, folder, scheme):
        session = self.folder / "session"
        session.mkdir()
        self.socket = self.folder / "scgi"
        settings = self.folder / "rc"
        settings.write_text("\n".join([
            "system.daemon.set = true", f"network.bind_address.set = {self.address}",
            f"network.port_range.set = {self.port}-{self.port}", "network.port_random.set = no",
            f"protocol.encryption.set = {self.encryption}",
            "dht.mode.set = disable", f"session.path.set = {session}", f"directory.default.set = {folder}",
            "trackers.use_udp.set = yes", f"network.scgi.open_local = {self.socket}", *self.more_settings(), ""]))
        self.run(["rtorrent", "-n", "-o", f"import={settings}"], env={"HOME": str(self.folder), "TERM": "dumb",
                                                                      "PATH": "/usr/bin:/bin"})
        wait_for(lambda: self.ask("system.pid"), "rtorrent answers", process=self.process)
        self.ask("load.start", "", str(source))

    def ask(self, method, *arguments):
        """One call of its XML-RPC over SCGI; None while it does not answer."""
        body = xmlrpc.client.dumps(arguments, method).encode()
        headers = b"CONTENT_LENGTH\0%d\0SCGI\x001\0" % len(body)
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(10)
                link.connect(str(self.socket))
                link.sendall(b"%d:%s,%s" % (len(headers), headers, body))
                reply = b"".join(iter(lambda: link.recv(65536), b""))
            return xmlrpc.client.loads(reply[reply.index(b"<?xml"):])[0][0]
        except (OSError, ValueError, xmlrpc.client.Fault):
            return None

    def done(self):
        rows = self.ask("d.multicall2", "", "main", "d.complete=", "d.is_meta=", "d.hashing=")
        return rows is not None and any(row == [1, 0, 0] for row in rows)


class LibTorrent(Client):
    name = "libtorrent"
    versions = ("v1", "v2", "hybrid")

    def start(self, source, folder, scheme):
        self.run(["/usr/bin/python3", HERE / "libtorrent_client.py", self.address, self.port, source, folder])

    def done(self):
        return "done" in self.process.log.read_text("utf-8", "replace").splitlines()


class Spate(Client):
    name = "spate"
    versions = ("v1", "v2", "hybrid")

    def start(self, source, folder, scheme):
        # Whether the content is there is for it to find out; a resume state it has not.
        self.run([SPATE, "get", source, "-o", folder, "--port", self.port, "--seed-until", "never", "--json"],
                 env={"XDG_STATE_HOME": str(self.folder / "state"), "HOME": str(self.folder), "PATH": "/usr/bin:/bin"})

    def done(self):
        return '"event":"finished"' in self.process.log.read_text("utf-8", "replace")


class SpateShare(Spate):
    """Publishes at our tracker, by its own torrent."""

    def share(self, path, tracker, version):
        """The torrent, as the tracker gives it to everybody."""
        entry = f"{version}-{self.port}"
        place = f"{tracker.address}:{tracker.port}"
        self.run([SPATE, "share", path, "--tracker", place, "--name", entry, "--port", self.port, f"--{version}", "--json"],
                 env={"XDG_STATE_HOME": str(self.folder / "state"), "HOME": str(self.folder), "PATH": "/usr/bin:/bin"})
        wait_for(lambda: '"event":"published"' in self.process.log.read_text("utf-8", "replace"), "it is published",
                 process=self.process)
        with urllib.request.urlopen(f"http://{place}/torrent/{entry}", timeout=10) as reply:
            return lt.bdecode(reply.read())


CLIENTS = (Transmission, Aria2, RTorrent, LibTorrent)
