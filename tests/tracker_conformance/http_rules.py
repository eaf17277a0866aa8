#!/usr/bin/env python3
"""HTTP announces and scrapes (BEP 3, 7, 23, 24, 31, 48) over a real socket, row by row."""
import os
import socket

from asker import HUGE, TIMEOUT, TrackerCase, bdecode, endpoints, read_all, run_unittest, swarm_hash


class Announces(TrackerCase):
    def test_row_08_numwant(self):
        swarm = swarm_hash()
        for port in range(2000, 2060):
            self.announce(swarm, port=port, left=0)
        for want, given in ((None, 50), (-1, 50), ("x", 50), (0, 0), (5, 5), (10**12, 60)):
            self.assertEqual(len(endpoints(self.announce(swarm, numwant=want)[b"peers"])), given, want)

    def test_row_11_addresses_in_the_query_are_ignored(self):
        swarm = swarm_hash()
        self.announce(swarm, port=4000, left=0, ip="8.8.8.8", ipv4="8.8.4.4:1", ipv6="2001:db8::1")
        reply = self.announce(swarm)
        self.assertEqual(endpoints(reply[b"peers"]), {("127.0.0.1", 4000)})
        self.assertNotIn(b"peers6", reply)

    def test_row_12_ports_that_cannot_be_reached(self):
        swarm = swarm_hash()
        self.announce(swarm, port=4000, left=0)
        for port in (0, 1):
            reply = self.announce(swarm, port=port)
            self.assertEqual(endpoints(reply[b"peers"]), {("127.0.0.1", 4000)})
            self.assertEqual(reply[b"incomplete"], 0)
            stopped = self.announce(swarm, port=port, event="stopped")
            self.assertNotIn(b"failure reason", stopped)

    def test_row_13_any_event(self):
        swarm = swarm_hash()
        for event in (None, "", "started", "paused", "nonsense", "STOPPED"):
            self.assertEqual(self.announce(swarm, event=event, peer_id=b"p" * 20)[b"incomplete"], 1, event)

    def test_row_17_left(self):
        swarm = swarm_hash()
        for left in (2**32, HUGE, 2**64 - 1, 10**30, "", "junk", "-0", -1, None):
            reply = self.announce(swarm, left=left)
            self.assertEqual((reply[b"complete"], reply[b"incomplete"]), (0, 1), left)

    def test_row_18_info_hash(self):
        swarm = b"+%&= \x00\xff" + os.urandom(13)
        self.announce(swarm, port=4000, left=0)
        raw = "".join(f"%{byte:02x}" if byte % 2 else f"%{byte:02X}" for byte in swarm)
        _, body = self.http(f"/announce?info_hash={raw}&peer_id={'q' * 20}&port=9&left=1")
        self.assertEqual(endpoints(bdecode(body)[b"peers"]), {("127.0.0.1", 4000)})
        plus = raw.replace("%2b", "+")
        self.assertNotEqual(plus, raw)
        _, body = self.http(f"/announce?info_hash={plus}&peer_id={'q' * 20}&port=9&left=1")
        self.assertEqual(bdecode(body)[b"complete"], 1)
        for wrong in ("info_hash=" + raw[:-3], "info_hash=" + raw + "a", f"info_hash={raw}&info_hash={raw}", "x=1",
                      "info_hash=" + raw[:-3] + "%zz"):
            status, body = self.http(f"/announce?{wrong}&peer_id={'q' * 20}&port=9&left=1")
            self.assertEqual(status, 200)
            self.assertIn(b"info_hash", bdecode(body)[b"failure reason"])

    def test_row_19_parameters_without_a_value(self):
        swarm = swarm_hash()
        _, body = self.http(f"/announce?supportcrypto&&no_peer_id&{self.query(swarm)}&corrupt&=&redundant=")
        self.assertEqual(bdecode(body)[b"incomplete"], 1)

    def test_row_20_compact_is_advice(self):
        swarm = swarm_hash()
        self.announce(swarm, port=4000, left=0)
        self.assertEqual(endpoints(self.announce(swarm, compact=1)[b"peers"]), {("127.0.0.1", 4000)})
        self.assertEqual(self.announce(swarm, port=9, compact=0)[b"peers"][0][b"port"] in (4000, 6881), True)
        self.assertEqual({b"ip", b"port"}, set(self.announce(swarm, port=9, compact=0)[b"peers"][0]))

    def test_row_21_keys_are_sorted_and_peers_is_always_there(self):
        reply = self.announce(swarm_hash())  # bdecode() minds the order
        self.assertEqual(reply[b"peers"], b"")
        self.assertEqual({b"complete", b"downloaded", b"external ip", b"incomplete", b"interval", b"min interval", b"peers"},
                         set(reply))

    def test_row_22_failures_are_answers(self):
        status, body = self.http("/announce")
        self.assertEqual(status, 200)
        self.assertIn(b"failure reason", bdecode(body))

    def test_row_23_external_ip(self):
        self.assertEqual(self.announce(swarm_hash(), source="127.0.0.9")[b"external ip"], bytes([127, 0, 0, 9]))

    def test_row_34_early_announces_are_answered_and_intervals_are_jittered(self):
        swarm = swarm_hash()
        replies = [self.announce(swarm, peer_id=b"p" * 20) for _ in range(20)]
        intervals = {reply[b"interval"] for reply in replies}
        self.assertGreater(len(intervals), 3)
        self.assertTrue(all(1620 <= interval <= 1980 for interval in intervals), intervals)
        self.assertTrue(all(300 <= reply[b"min interval"] <= reply[b"interval"] for reply in replies))


class Scrapes(TrackerCase):
    def test_row_24_keys_are_raw_and_unknown_hashes_zeros(self):
        swarm, unknown = swarm_hash(), swarm_hash()
        self.announce(swarm, left=0)
        files = self.scrape(swarm, unknown)[b"files"]
        self.assertEqual(files[swarm][b"complete"], 1)
        self.assertEqual(files[unknown], {b"complete": 0, b"downloaded": 0, b"downloaders": 0, b"incomplete": 0})

    def test_row_25_a_scrape_leaves_no_trace(self):
        self.scrape(*[swarm_hash() for _ in range(20)])
        self.assertIn(b'"swarms":0,', self.http("/stats.json")[1])

    def test_row_26_downloaded_counts_over_all_time(self):
        swarm = swarm_hash()
        for port in (1000, 1001):
            self.announce(swarm, port=port, peer_id=b"p" * 20)
            self.announce(swarm, port=port, peer_id=b"p" * 20, left=0, event="completed")
            self.announce(swarm, port=port, peer_id=b"p" * 20, left=0, event="stopped")
        self.assertEqual(self.scrape(swarm)[b"files"][swarm],
                         {b"complete": 0, b"downloaded": 2, b"downloaders": 0, b"incomplete": 0})

    def test_row_27_many_hashes(self):
        self.assertEqual(len(self.scrape(*[swarm_hash() for _ in range(80)])[b"files"]), 74)

    def test_a_scrape_of_everything_is_refused(self):
        _, body = self.http("/scrape")
        self.assertIn(b"failure reason", bdecode(body))


class Http(TrackerCase):
    def test_row_35_forms_of_a_request(self):
        swarm = swarm_hash()
        self.announce(swarm, left=0)
        query = self.query(swarm, port=7)
        for request in (f"GET /announce?{query} HTTP/1.0\r\n\r\n",
                        f"GET http://t:3456/announce?{query} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
                        f"GET /announce?passkey=a?{query} HTTP/1.0\r\n\r\n",
                        f"GET /announce?x=1&{query} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"):
            status, body = self.http_raw(request.encode())
            self.assertEqual((status, bdecode(body)[b"complete"]), (200, 1), request)

    def test_row_35_byte_by_byte(self):
        with self.tracker.connect() as link:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in f"GET /announce?{self.query(swarm_hash())} HTTP/1.0\r\n\r\n".encode():
                link.sendall(bytes([byte]))
            self.assertIn(b"d8:complete", read_all(link))

    def test_row_35_head(self):
        status, body = self.http(f"/announce?{self.query(swarm_hash())}", method="HEAD")
        self.assertEqual((status, body), (200, b""))

    def test_row_35_keep_alive_and_pipelining(self):
        swarm = swarm_hash()
        with self.tracker.connect() as link:
            request = f"GET /announce?{self.query(swarm)} HTTP/1.1\r\nHost: t\r\n\r\n"
            for _ in range(2):
                link.sendall(request.encode())
                reply = b""
                while not reply.endswith(b"e"):
                    reply += link.recv(4096)
            last = request.replace("Host: t", "Host: t\r\nConnection: close")
            link.sendall((request * 40 + last).encode())
            self.assertEqual(read_all(link).count(b"HTTP/1.1 200 OK"), 41)

    def test_row_35_paths(self):
        swarm = swarm_hash()
        self.announce(swarm, path="/secret/announce", port=4000, left=0)
        self.assertEqual(self.announce(swarm)[b"complete"], 0)  # BEP 27: nothing leaks to who has no key
        self.assertEqual(self.announce(swarm, path="/other/announce")[b"complete"], 0)
        self.assertEqual(endpoints(self.announce(swarm, path="/secret/announce")[b"peers"]), {("127.0.0.1", 4000)})
        self.assertEqual(self.scrape(swarm)[b"files"][swarm][b"complete"], 0)
        self.assertEqual(self.scrape(swarm, path="/secret/scrape")[b"files"][swarm][b"complete"], 1)

    def test_what_is_not_there(self):
        self.assertEqual(self.http("/nothing")[0], 404)
        self.assertEqual(self.http("/announce", method="DELETE")[0], 405)

    def test_smuggling_is_refused(self):
        for extra in ("Content-Length: 3\r\nTransfer-Encoding: chunked", "Content-Length: 3\r\nContent-Length: 4",
                      "Content-Length: +3", "X: a\r\n b", "X: a\0b", "Content-Length: 3"):
            request = f"GET /announce HTTP/1.1\r\nHost: t\r\n{extra}\r\n\r\nabc"
            self.assertIn(self.http_raw(request.encode())[0], (400, 413), extra)

    def test_http_1_1_names_its_host(self):
        for head, status in ((b"HTTP/1.1", 400), (b"HTTP/1.1\r\nHost: t\r\nConnection: close", 200), (b"HTTP/1.0", 200)):
            self.assertEqual(self.http_raw(b"GET /stats " + head + b"\r\n\r\n")[0], status, head)

    def test_heads_that_are_too_long(self):
        self.assertIn(self.http_raw(b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n")[0], (414, 431))
        self.assertEqual(self.http_raw(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 3000 + b"\r\n")[0], 431)

    def test_stats(self):
        status, body = self.http("/stats.json")
        self.assertEqual(status, 200)
        self.assertIn(b'"udp_announces":0', body)
        self.assertIn(b"\nhttp_announces 0\n", self.http("/stats")[1])


class IPv6(TrackerCase):
    arguments = ("--listen", "[::1]:0")

    def test_row_21_and_23_over_ipv6(self):
        swarm = swarm_hash()
        self.announce(swarm, port=4000, left=0)
        v6 = {"source": "::1", "host": "::1", "tcp_port": self.port_at("[::1]")}
        self.announce(swarm, port=4001, left=0, **v6)
        reply = self.announce(swarm, port=4002, **v6)
        self.assertEqual(reply[b"external ip"], bytes(15) + b"\1")
        self.assertEqual(endpoints(reply[b"peers6"], 16), {("::1", 4001)})
        self.assertEqual(endpoints(reply[b"peers"]), {("127.0.0.1", 4000)})
        alone = swarm_hash()
        self.announce(alone, port=4001, left=0, **v6)
        self.assertEqual(self.announce(alone, port=4002, **v6)[b"peers"], b"")  # always there


class FewPlaces(TrackerCase):
    arguments = ("--connections-max", "8")

    def test_whoever_has_most_makes_way(self):
        idle = [self.tracker.connect() for _ in range(8)]
        try:
            for host in range(2, 6):
                self.assertEqual(self.http("/stats.json", source=f"127.0.0.{host}")[0], 200)
        finally:
            for link in idle:
                link.close()


class SlowClients(TrackerCase):
    arguments = ("--request-time", "0.5", "--idle-time", "0.5")

    def test_slow_heads_and_idle_connections_are_closed(self):
        for begin in (b"GET /announce?x HTTP/1.1\r\nHost: t\r\nX: ", b"GET /", b""):
            with self.tracker.connect() as link:
                link.sendall(begin)
                link.settimeout(TIMEOUT)
                self.assertEqual(read_all(link), b"")


if __name__ == "__main__":
    run_unittest()
