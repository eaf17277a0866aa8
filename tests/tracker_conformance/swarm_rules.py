#!/usr/bin/env python3
"""What a swarm is, whichever protocol asks: seeds, leechers, partial seeds, completions; and one port for all of them."""
import os
import socket

from asker import TIMEOUT, TrackerCase, bdecode, endpoints, read_all, run_unittest, swarm_hash


class Swarms(TrackerCase):
    arguments = ("--listen", "[::1]:0")

    def counts(self, swarm):
        return {key.decode(): value for key, value in self.scrape(swarm)[b"files"][swarm].items()}

    def test_row_10_one_store_for_all_protocols(self):
        swarm = swarm_hash()
        self.announce(swarm, port=4000, left=0)
        self.assertEqual(self.udp().announce(swarm, port=4001)["peers"], {("127.0.0.1", 4000)})
        self.assertEqual(endpoints(self.announce(swarm, port=4000, left=0)[b"peers"]), {("127.0.0.1", 4001)})
        self.assertEqual(self.udp().scrape(swarm), [(1, 0, 1)])

    def test_row_14_paused_peers_are_partial_seeds(self):
        swarm = swarm_hash()
        self.announce(swarm, port=4000, left=0)
        paused = self.announce(swarm, port=4001, left=50, event="paused")
        self.assertEqual(paused[b"peers"], b"")  # a seed is of no use to it
        self.announce(swarm, port=4002)
        self.assertEqual(self.counts(swarm), {"complete": 1, "downloaded": 0, "downloaders": 1, "incomplete": 2})
        self.assertEqual(endpoints(self.announce(swarm, port=4001, left=50, event="paused")[b"peers"]), {("127.0.0.1", 4002)})
        both = endpoints(self.announce(swarm, port=4003, left=90, event="paused")[b"peers"])
        self.assertEqual(both, {("127.0.0.1", 4001), ("127.0.0.1", 4002)})  # they may want of each other one day

    def test_row_15_stopped(self):
        swarm, me, later = swarm_hash(), b"m" * 20, b"l" * 20
        self.announce(swarm, port=4000, left=0)
        self.announce(swarm, port=4001, peer_id=me)
        self.assertEqual(self.announce(swarm, port=4009, event="stopped")[b"peers"], b"")  # nobody knew it
        self.announce(swarm, port=4001, event="stopped", peer_id=later)  # it is not this one's to say
        self.assertEqual(self.counts(swarm)["incomplete"], 1)
        reply = self.announce(swarm, port=4001, event="stopped", peer_id=me)
        self.assertEqual((reply[b"incomplete"], reply[b"peers"]), (0, b""))
        self.assertEqual(self.announce(swarm, port=4001, event="started", peer_id=later)[b"incomplete"], 1)
        self.assertEqual(self.udp().announce(swarm, port=4001, event="stopped", peer_id=later)["peers"], set())
        self.assertEqual(self.counts(swarm)["incomplete"], 0)

    def test_row_16_completed_counts_once(self):
        swarm, me = swarm_hash(), b"m" * 20
        self.announce(swarm, left=0, event="completed", peer_id=me)  # never was a leecher here
        self.assertEqual(self.counts(swarm)["downloaded"], 0)
        self.announce(swarm, port=4001, peer_id=me)
        self.announce(swarm, port=4001, left=0, peer_id=me)  # no event
        self.assertEqual(self.counts(swarm)["downloaded"], 0)
        udp = self.udp()
        udp.announce(swarm, port=4002, peer_id=me)
        for _ in range(3):
            udp.announce(swarm, port=4002, left=0, event="completed", peer_id=me)
        self.assertEqual(self.counts(swarm)["downloaded"], 1)

    def test_row_28_nobody_is_given_itself(self):
        swarm = swarm_hash()
        for _ in range(3):
            self.assertEqual(self.announce(swarm, port=4000)[b"peers"], b"")
            self.assertEqual(self.udp().announce(swarm, port=4000)["peers"], set())

    def test_row_29_no_seeds_for_seeds_and_another_choice_each_time(self):
        swarm = swarm_hash()
        udp = self.udp()
        for port in range(2000, 2200):
            udp.announce(swarm, port=port, left=port % 2)
        ports = {port for _, port in udp.announce(swarm, port=9000, left=0, want=200)["peers"]}
        self.assertEqual(ports, set(range(2001, 2200, 2)))
        choices = {frozenset(udp.announce(swarm, port=9000, want=10)["peers"]) for _ in range(10)}
        self.assertGreater(len(choices), 5)

    def test_row_33_a_client_of_both_families_counts_once(self):
        swarm, me = swarm_hash(), b"m" * 20
        self.udp().announce(swarm, peer_id=me, key=77)
        self.udp_v6().announce(swarm, peer_id=me, key=77)
        self.assertEqual(self.counts(swarm)["incomplete"], 1)
        self.udp_v6().announce(swarm, port=999, peer_id=b"o" * 20, key=77)
        self.assertEqual(self.counts(swarm)["incomplete"], 2)


class Restarts(TrackerCase):
    arguments = ("--listen", "[::1]:0")

    def restart(self):
        self.assertEqual(self.tracker.stop()[0], 0)
        self.tracker = type(self.tracker)(self.state, "--possession", "off", *self.arguments)

    def test_row_26_what_was_counted_is_known_after_a_restart(self):
        swarm, private, me = swarm_hash(), swarm_hash(), b"m" * 20
        self.announce(swarm, port=4000, left=0)
        self.announce(swarm, port=4001, peer_id=me)
        self.announce(swarm, port=4001, peer_id=me, left=0, event="completed")
        self.announce(private, path="/secret/announce", port=4002, left=0)
        self.restart()
        self.assertEqual(self.scrape(swarm)[b"files"][swarm],
                         {b"complete": 2, b"downloaded": 1, b"downloaders": 0, b"incomplete": 0})
        peers = endpoints(self.announce(swarm, port=4009)[b"peers"])
        self.assertEqual(peers, {("127.0.0.1", 4000), ("127.0.0.1", 4001)})
        self.assertEqual(self.announce(private)[b"complete"], 0)
        self.assertEqual(self.announce(private, path="/secret/announce")[b"complete"], 1)
        self.announce(swarm, port=4001, peer_id=me, left=0, event="completed")  # once is enough
        self.assertEqual(self.scrape(swarm)[b"files"][swarm][b"downloaded"], 1)

    def test_row_33_a_client_of_both_families_is_one_after_a_restart(self):
        swarm, me = swarm_hash(), b"m" * 20
        self.udp().announce(swarm, peer_id=me, key=77)
        self.udp_v6().announce(swarm, peer_id=me, key=77)
        self.restart()
        self.assertEqual(self.scrape(swarm)[b"files"][swarm][b"incomplete"], 1)
        self.udp().announce(swarm, peer_id=me, key=77)
        self.assertEqual(self.scrape(swarm)[b"files"][swarm][b"incomplete"], 1)


class OnePort(TrackerCase):
    """The first bytes decide; the classic protocol's own tests run against the same port."""

    def test_the_languages_do_not_mix(self):
        self.assertEqual(self.tracker.ask("<REQ LIST>\n"), "<REP LIST 0>\n<REP LIST END>\n")
        self.assertEqual(self.http("/stats")[0], 200)
        self.assertEqual(self.tracker.ask("GET stats\n"), "<GET invalid>\n")
        self.assertEqual(self.tracker.ask("GET http\n"), "<GET invalid>\n")
        self.assertEqual(self.tracker.ask("GET"), "<GET invalid>\n")
        self.assertEqual(self.tracker.ask("P"), "<ERROR unknown command>\n")

    def test_http_may_come_in_pieces(self):
        with self.tracker.connect() as link:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in (b"G", b"ET ", b"/stats HT", b"TP/1.0\r\n", b"\r\n"):
                link.sendall(piece)
            self.assertTrue(read_all(link).startswith(b"HTTP/1.1 200 OK"))

    def test_a_peer_and_tls_are_turned_away(self):
        for first in (b"\x13BitTorrent protocol" + bytes(48), b"\x16\x03\x01\x02\x00"):
            with self.tracker.connect() as link:
                link.sendall(first)
                try:
                    self.assertEqual(read_all(link), b"")
                except ConnectionResetError:
                    pass  # there were bytes nobody read


class Caps(TrackerCase):
    arguments = ("--swarms-max", "5", "--peers-per-swarm-max", "3", "--swarm-peers-max", "8")

    def test_full_is_answered_and_the_known_are_refreshed(self):
        swarms = [swarm_hash() for _ in range(9)]
        for swarm in swarms:
            self.announce(swarm)
        self.assertIn(b'"swarms":5,', self.http("/stats.json")[1])
        for port in range(100, 110):
            self.announce(swarms[0], port=port)
        self.assertEqual(self.announce(swarms[0], left=0, peer_id=b"p" * 20)[b"incomplete"] +
                         self.announce(swarms[0], left=0, peer_id=b"p" * 20)[b"complete"], 3)
        for swarm in swarms[1:5]:
            for port in range(100, 110):
                self.announce(swarm, port=port)
        self.assertIn(b'"peers_ipv4":8,', self.http("/stats.json")[1])


if __name__ == "__main__":
    run_unittest()
