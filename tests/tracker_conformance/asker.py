"""What the tracker conformance tests share: a tracker on free ports, and clients that say exactly what a test wants said.

The rules are the rows of "edge cases trackers get wrong"; each test names its row, and the unit tests beside src/tracker
and src/announce hold what needs a clock or the tables' insides.
"""
import os
import shutil
import socket
import struct
import sys
import tempfile
import unittest
from pathlib import Path
from urllib.parse import quote_from_bytes

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "classic"))
from harness import TIMEOUT, Tracker, read_all, run_unittest  # noqa: E402,F401

MAGIC = 0x41727101980
CONNECT, ANNOUNCE, SCRAPE, ERROR = range(4)
EVENTS = {"": 0, "completed": 1, "started": 2, "stopped": 3}
HUGE = 2**63 - 1


def bdecode(data):
    """The value that `data` is, and in dictionaries the keys must be sorted as raw bytes."""
    value, end = bdecode_at(data, 0)
    assert end == len(data), f"{len(data) - end} bytes behind the value"
    return value


def bdecode_at(data, at):
    kind = data[at:at + 1]
    if kind == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1:end]), end + 1
    if kind in (b"l", b"d"):
        items, at = [], at + 1
        while data[at:at + 1] != b"e":
            item, at = bdecode_at(data, at)
            items.append(item)
        if kind == b"l":
            return items, at + 1
        keys = items[::2]
        assert keys == sorted(set(keys)), f"keys out of order: {keys}"
        return dict(zip(keys, items[1::2])), at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    return data[colon + 1:end], end


def endpoints(compact, address_bytes=4):
    stride = address_bytes + 2
    assert len(compact) % stride == 0
    family = socket.AF_INET if address_bytes == 4 else socket.AF_INET6
    return {(socket.inet_ntop(family, compact[i:i + address_bytes]),
             struct.unpack(">H", compact[i + address_bytes:i + stride])[0])
            for i in range(0, len(compact), stride)}


def swarm_hash():
    return os.urandom(20)


class UdpAsker:
    """A UDP client at an address of its own."""

    def __init__(self, port, source="127.0.0.1", to="127.0.0.1"):
        family = socket.AF_INET6 if ":" in to else socket.AF_INET
        self.address_bytes = 16 if ":" in to else 4
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((source, 0))
        self.socket.connect((to, port))
        self.socket.settimeout(TIMEOUT)
        self.id = None

    def close(self):
        self.socket.close()

    def tell(self, datagram):
        self.socket.send(datagram)

    def ask(self, datagram):
        self.tell(datagram)
        return self.socket.recv(65536)

    def connect(self):
        transaction = struct.unpack(">I", os.urandom(4))[0]
        reply = self.ask(struct.pack(">QII", MAGIC, CONNECT, transaction))
        action, echoed, self.id = struct.unpack(">IIQ", reply)
        assert (action, echoed) == (CONNECT, transaction)
        return self.id

    def question(self, swarm, port=6881, left=100, event="", want=-1, peer_id=None, key=0, ip=0, id=None, transaction=7,
                 action=ANNOUNCE, event_number=None, left_raw=None):
        number = EVENTS[event] if event_number is None else event_number
        return struct.pack(">QII20s20sQQQIIIiH", self.id if id is None else id, action, transaction, swarm,
                           peer_id or os.urandom(20), 0, left if left_raw is None else left_raw, 0, number, ip, key, want, port)

    def announce(self, swarm, options=b"", **more):
        """The parsed reply; an error is raised as such."""
        if self.id is None:
            self.connect()
        return self.parse(self.ask(self.question(swarm, **more) + options))

    def parse(self, reply):
        action, transaction = struct.unpack(">II", reply[:8])
        assert action == ANNOUNCE, reply
        interval, leechers, seeds = struct.unpack(">III", reply[8:20])
        return {"transaction": transaction, "interval": interval, "incomplete": leechers, "complete": seeds,
                "peers": endpoints(reply[20:], self.address_bytes), "size": len(reply)}

    def scrape(self, *swarms, tail=b""):
        if self.id is None:
            self.connect()
        reply = self.ask(struct.pack(">QII", self.id, SCRAPE, 9) + b"".join(swarms) + tail)
        assert struct.unpack(">II", reply[:8]) == (SCRAPE, 9), reply
        return [struct.unpack(">III", reply[i:i + 12]) for i in range(8, len(reply), 12)]

    def is_not_answered(self, datagram):
        """No reply comes before the one to a question asked afterwards."""
        self.tell(datagram)
        self.connect()


class TrackerCase(unittest.TestCase):
    arguments = ()

    def setUp(self):
        self.state = Path(tempfile.mkdtemp(prefix="spate-test-"))
        self.askers = []
        self.tracker = Tracker(self.state, "--possession", "off", *self.arguments)

    def tearDown(self):
        for asker in self.askers:
            asker.close()
        self.assertEqual(self.tracker.stop()[0], 0)
        shutil.rmtree(self.state)

    def udp(self, source="127.0.0.1", **more):
        self.askers.append(UdpAsker(self.tracker.port, source, **more))
        return self.askers[-1]

    def udp_v6(self):
        self.askers.append(UdpAsker(self.port_at("[::1]"), "::1", "::1"))
        return self.askers[-1]

    def port_at(self, address):
        """The port of a further --listen."""
        def found():
            return [e for e in self.tracker.events if e["event"] == "listening" and e["endpoint"].startswith(address)]
        with self.tracker.more_events:
            assert self.tracker.more_events.wait_for(found, TIMEOUT)
            return int(found()[0]["endpoint"].rsplit(":", 1)[1])

    def http(self, target, source="127.0.0.1", host="127.0.0.1", port=None, method="GET"):
        """Status and body of one request on a connection of its own."""
        request = f"{method} {target} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"
        return self.http_raw(request.encode(), source, host, port)

    def http_raw(self, request, source="127.0.0.1", host="127.0.0.1", port=None):
        with socket.create_connection((host, port or self.tracker.port), TIMEOUT, source_address=(source, 0)) as link:
            link.sendall(request)
            reply = read_all(link)
        head, _, body = reply.partition(b"\r\n\r\n")
        return int(head.split()[1]), body

    def query(self, swarm, port=6881, left=100, peer_id=None, **more):
        more = {"info_hash": swarm, "peer_id": peer_id or os.urandom(20), "port": port, "left": left, **more}
        return "&".join(f"{k}={quote_from_bytes(v if isinstance(v, bytes) else str(v).encode(), safe='')}"
                        for k, v in more.items() if v is not None)

    def announce(self, swarm, source="127.0.0.1", path="/announce", host="127.0.0.1", tcp_port=None, **more):
        status, body = self.http(f"{path}?{self.query(swarm, **more)}", source, host, tcp_port)
        self.assertEqual(status, 200)
        return bdecode(body)

    def scrape(self, *swarms, path="/scrape"):
        status, body = self.http(path + "?" + "&".join("info_hash=" + quote_from_bytes(s, safe="") for s in swarms))
        self.assertEqual(status, 200)
        return bdecode(body)
