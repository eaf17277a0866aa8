#!/usr/bin/env python3
"""UDP announces (BEP 15, 41) over a real socket, row by row."""
import os
import socket
import struct

from asker import ANNOUNCE, CONNECT, ERROR, HUGE, MAGIC, SCRAPE, TIMEOUT, TrackerCase, UdpAsker, run_unittest, swarm_hash


class Datagrams(TrackerCase):
    def test_row_01_sizes_are_lower_bounds(self):
        asker = self.udp()
        reply = asker.ask(struct.pack(">QII", MAGIC, CONNECT, 5) + b"and more")
        self.assertEqual(struct.unpack(">II", reply[:8]), (CONNECT, 5))
        asker.connect()
        swarm = swarm_hash()
        self.assertEqual(asker.announce(swarm, left=0, options=b"\x00" + b"x" * 40)["complete"], 1)
        asker.is_not_answered(asker.question(swarm)[:97])
        asker.is_not_answered(struct.pack(">QII", MAGIC, CONNECT, 5)[:15])
        asker.is_not_answered(b"")

    def test_row_02_connect_with_a_wrong_magic_is_not_answered(self):
        self.udp().is_not_answered(struct.pack(">QII", MAGIC + 1, CONNECT, 5))

    def test_row_02_the_magic_is_no_connection_id(self):
        asker = self.udp()
        self.assertNotEqual(asker.connect(), MAGIC)
        reply = asker.ask(asker.question(swarm_hash(), id=MAGIC))
        self.assertEqual(struct.unpack(">I", reply[:4])[0], ERROR)

    def test_row_03_an_id_is_good_again_and_again(self):
        # For at least two minutes: ConnectionIds' unit tests have the clock for that.
        asker = self.udp()
        asker.connect()
        for _ in range(5):
            asker.announce(swarm_hash())

    def test_row_04_the_id_belongs_to_the_address_not_to_the_port(self):
        id = self.udp().connect()
        other_port = self.udp()
        self.assertEqual(other_port.announce(swarm_hash(), id=id)["incomplete"], 1)
        reply = self.udp("127.0.0.2").ask(other_port.question(swarm_hash(), id=id))
        self.assertEqual(struct.unpack(">I", reply[:4])[0], ERROR)

    def test_row_05_forged_ids_and_those_from_the_future_are_refused(self):
        asker = self.udp()
        id = asker.connect()
        for forged in (id ^ 1, (id + (1 << 56)) % 2**64, (id + (2 << 56)) % 2**64, 0, 2**64 - 1):
            reply = asker.ask(asker.question(swarm_hash(), id=forged))
            self.assertEqual(struct.unpack(">I", reply[:4])[0], ERROR, hex(forged))

    def test_row_06_an_id_does_not_outlive_the_tracker(self):
        asker = self.udp()
        old = asker.connect()
        again = self.udp()
        self.assertEqual(again.connect() >> 56, old >> 56)  # within one epoch the same key is used
        self.tracker.stop()
        self.tracker = type(self.tracker)(self.state, "--possession", "off", port=self.tracker.port)
        reply = asker.ask(asker.question(swarm_hash(), id=old))
        self.assertEqual(struct.unpack(">I", reply[:4])[0], ERROR)

    def test_row_07_an_error_is_action_3_with_the_transaction(self):
        asker = self.udp()
        question = asker.question(swarm_hash(), id=1, transaction=0x01020304)
        reply = asker.ask(question)
        self.assertEqual(reply[:8], b"\0\0\0\3\1\2\3\4")
        self.assertIn(b"connection id", reply[8:])

    def test_row_07_an_unproved_asker_gets_no_more_than_it_sent(self):
        asker = self.udp()
        reply = asker.ask(struct.pack(">QII", 1, SCRAPE, 9))
        self.assertLessEqual(len(reply), 16)

    def test_row_08_how_many_peers(self):
        swarm = swarm_hash()
        asker = self.udp()
        for port in range(2000, 2100):
            asker.announce(swarm, port=port, left=0)
        for want, given in ((-1, 50), (0, 0), (1, 1), (80, 80), (2**31 - 1, 100), (-2**31, 50)):
            self.assertEqual(len(asker.announce(swarm, want=want)["peers"]), given, want)

    def test_row_12_ports_that_cannot_be_reached_are_answered_but_not_kept(self):
        swarm = swarm_hash()
        asker = self.udp()
        asker.announce(swarm, port=5000, left=0)
        for port in (0, 1):
            reply = asker.announce(swarm, port=port)
            self.assertEqual(reply["peers"], {("127.0.0.1", 5000)})
            self.assertEqual(reply["incomplete"], 0)

    def test_row_13_unknown_events_are_regular_announces(self):
        swarm = swarm_hash()
        asker = self.udp()
        # The last one would be `stopped` to who reads one byte of the four.
        for number in (0, 4, 5, 77, 2**32 - 1, 0x03000000, 0x100):
            self.assertEqual(asker.announce(swarm, event_number=number, peer_id=b"p" * 20)["incomplete"], 1, number)

    def test_row_14_a_partial_seed_says_so_in_the_url(self):
        swarm = swarm_hash()
        asker = self.udp()
        url = b"/announce?event=paused"
        asker.announce(swarm, port=4000, options=b"\x02" + bytes([len(url)]) + url)
        asker.announce(swarm, port=4001, left=0)
        counts = self.scrape(swarm)[b"files"][swarm]
        self.assertEqual((counts[b"complete"], counts[b"incomplete"], counts[b"downloaders"]), (1, 1, 0))

    def test_row_17_left_is_64_bits(self):
        swarm = swarm_hash()
        asker = self.udp()
        for left in (1 << 32, 1 << 63, 2**64 - 1, HUGE):
            reply = asker.announce(swarm, left=left)
            self.assertEqual((reply["complete"], reply["incomplete"]), (0, 1), left)

    def test_row_09_ip_field_and_row_11_are_ignored(self):
        swarm = swarm_hash()
        asker = self.udp()
        asker.announce(swarm, ip=0x08080808, port=4000, left=0)
        self.assertEqual(asker.announce(swarm)["peers"], {("127.0.0.1", 4000)})

    def test_row_27_scrape_with_a_partial_hash_and_with_too_many(self):
        asker = self.udp()
        swarm = swarm_hash()
        asker.announce(swarm, left=0)
        self.assertEqual(asker.scrape(swarm, tail=b"x" * 19), [(1, 0, 0)])
        many = [swarm_hash() for _ in range(80)]
        self.assertEqual(asker.scrape(*many), [(0, 0, 0)] * 74)
        self.assertEqual(asker.scrape(), [])

    def test_row_30_options(self):
        swarm = swarm_hash()
        asker = self.udp()
        data = b"/room/announce?key=1"
        options = (b"\x01" + b"\x07\x03abc"  # no operation, and a type nobody knows
                   + b"\x02" + bytes([5]) + data[:5] + b"\x01\x02" + bytes([len(data) - 5]) + data[5:] + b"\x00\x02\x05/xxxx")
        asker.announce(swarm, port=3000, left=0, options=options)
        self.assertEqual(asker.announce(swarm)["peers"], set())  # that was another room
        self.assertEqual(self.announce(swarm, path="/room/announce")[b"complete"], 1)
        plain = b"\x02" + bytes([len(b"/announce")]) + b"/announce"
        self.assertEqual(asker.announce(swarm, options=plain)["complete"], 0)
        for broken in (b"\x02", b"\x02\xff/a", b"\x05\x09", b"\x02\x00"):
            asker.announce(swarm, options=broken)

    def test_row_31_replies_are_never_fragmented(self):
        swarm = swarm_hash()
        asker = self.udp()
        for port in range(2000, 2300):
            asker.announce(swarm, port=port)
        reply = asker.announce(swarm, want=1000)
        self.assertLessEqual(reply["size"], 1350)
        self.assertEqual(len(reply["peers"]), 200)

    def test_a_flood_of_bad_ids_is_not_answered_for_long(self):
        asker = self.udp("127.0.0.2")
        asker.id = 1
        # This machine's own addresses are not limited; what is limited has unit tests. Garbage must not hurt either.
        for _ in range(50):
            asker.tell(os.urandom(1 + os.urandom(1)[0]))
        asker.connect()


class IPv6(TrackerCase):
    arguments = ("--listen", "[::1]:0")

    def test_row_09_over_ipv6_the_stride_is_18(self):
        swarm = swarm_hash()
        asker = self.udp_v6()
        asker.announce(swarm, port=4001, left=0, ip=0x7f000001)
        self.assertEqual(asker.announce(swarm, port=4002)["peers"], {("::1", 4001)})

    def test_row_31_74_addresses_would_not_fit(self):
        swarm = swarm_hash()
        asker = self.udp_v6()
        for port in range(2000, 2100):
            asker.announce(swarm, port=port)
        reply = asker.announce(swarm, want=1000)
        self.assertLessEqual(reply["size"], 1350)
        self.assertEqual(len(reply["peers"]), 73)

    def test_ids_of_the_families_differ(self):
        asker = self.udp_v6()
        id = self.udp().connect()
        reply = asker.ask(asker.question(swarm_hash(), id=id))
        self.assertEqual(struct.unpack(">I", reply[:4])[0], ERROR)


class AllAddresses(TrackerCase):
    arguments = ("--listen", "0.0.0.0:0")

    def test_row_32_the_address_that_was_asked_answers(self):
        # A connected socket hears nobody else.
        for address in ("127.0.0.1", "127.0.0.5", "127.1.2.3"):
            asker = UdpAsker(self.port_at("0.0.0.0"), "127.0.0.1", address)
            self.askers.append(asker)
            asker.announce(swarm_hash())


class Off(TrackerCase):
    arguments = ("--no-udp",)

    def test_no_udp(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", self.tracker.port))  # nobody is there


if __name__ == "__main__":
    run_unittest()
