#!/usr/bin/env python3
"""The classic tracker over a real socket, rule by rule (docs/protocols/classic.md; section numbers are the brief's)."""
import hashlib
import os
import re
import shutil
import tempfile
import threading
import time
import unittest
from pathlib import Path

from harness import FakePeer, Tracker, md5, read_all, run_unittest

MD5 = "c68c2ee8bfca4e898b396e7a935a1d92"


class TrackerCase(unittest.TestCase):
    arguments = ("--possession", "off")

    def setUp(self):
        self.state = Path(tempfile.mkdtemp(prefix="spate-test-"))
        self.tracker = Tracker(self.state, *self.arguments)

    def tearDown(self):
        self.assertEqual(self.tracker.stop()[0], 0)
        shutil.rmtree(self.state)

    def restart(self, *arguments, kill=False):
        self.tracker.kill() if kill else self.tracker.stop()
        self.tracker = Tracker(self.state, *(arguments or self.arguments))


class Replies(TrackerCase):
    """Section 1: each request and its replies."""

    def test_create(self):
        request = f"<createtracker movie1.avi 109283519 Ghost_and_the_Darkness,_DVD_Rip {MD5} 202.141.60.10 2097>\n"
        self.assertEqual(self.tracker.ask(request), "<createtracker succ>\n")
        self.assertEqual(self.tracker.ask(request), "<createtracker ferr>\n")
        self.assertEqual(self.tracker.ask("<createtracker movie2.avi x y z>\n"), "<createtracker fail>\n")

    def test_update(self):
        self.tracker.create("a.txt")
        self.assertEqual(self.tracker.update("a.txt", 0, 500), "<updatetracker a.txt succ>\n")
        self.assertEqual(self.tracker.update("b.txt", 0, 500), "<updatetracker b.txt ferr>\n")
        self.assertEqual(self.tracker.update("a.txt", 0, 99999999), "<updatetracker a.txt fail>\n")

    def test_list(self):
        self.assertEqual(self.tracker.ask("<REQ LIST>\n"), "<REP LIST 0>\n<REP LIST END>\n")
        self.tracker.create("b.txt", 20, checksum="1" * 32)
        self.tracker.create("a.txt", 10, checksum="2" * 32)
        self.assertEqual(self.tracker.ask("<REQ LIST>\n"),
                         f"<REP LIST 2>\n<1 a.txt 10 {'2' * 32}>\n<2 b.txt 20 {'1' * 32}>\n<REP LIST END>\n")

    def test_get(self):
        self.tracker.ask(f"<createtracker movie1.avi 109283519 Ghost_and_the_Darkness,_DVD_Rip {MD5} 202.141.60.10 2097>")
        reply = self.tracker.ask("<GET movie1.avi.track >\n")
        match = re.fullmatch(r"<REP GET BEGIN>\n(.*)<REP GET END ([0-9a-f]{32})>\n", reply, re.S)
        self.assertTrue(match, reply)
        self.assertEqual(hashlib.md5(match[1].encode()).hexdigest(), match[2])
        lines = match[1].splitlines()
        self.assertEqual(lines[:4], ["Filename: movie1.avi", "Filesize: 109283519",
                                     "Description: Ghost and the Darkness, DVD Rip", f"MD5: {MD5}"])
        self.assertRegex(lines[-1], r"^202\.141\.60\.10:2097:0:109283519:\d{10}$")
        for other in ("<GET movie1.avi.track>\n", "<GET movie1.avi>\n", "GET movie1.avi.track\r\n"):
            self.assertEqual(self.tracker.ask(other), reply)
        self.assertEqual(self.tracker.ask("<GET nothing.track >\n"), "<GET invalid>\n")

    def test_the_tracker_closes_after_its_reply(self):
        with self.tracker.connect() as link:
            link.sendall(b"<REQ LIST>\n")
            self.assertTrue(read_all(link).endswith(b"<REP LIST END>\n"))  # read_all ends at the close


class Leniency(TrackerCase):
    """Section 7, 1 to 6."""

    def test_brackets_blanks_line_ends_and_case(self):
        expected = "<REP LIST 0>\n<REP LIST END>\n"
        for request in ("<REQ LIST>\n", "REQ LIST\n", "<REQ LIST >\n", "<REQ LIST>\r\n", "<req list>\n", "Req List\r\n",
                        "  <REQ   LIST>\n", "<REQ LIST>"):
            self.assertEqual(self.tracker.ask(request), expected, request)

    def test_a_request_is_acted_on_at_its_bracket_without_line_end(self):
        with self.tracker.connect() as link:
            link.sendall(b"<REQ LIST>")
            self.assertTrue(read_all(link))

    def test_a_request_is_acted_on_after_a_quiet_time(self):
        with self.tracker.connect() as link:
            link.sendall(b"REQ LIST")
            self.assertEqual(read_all(link), b"<REP LIST 0>\n<REP LIST END>\n")

    def test_a_request_is_acted_on_at_end_of_input(self):
        with self.tracker.connect() as link:
            link.sendall(b"REQ LIST")
            link.shutdown(1)
            self.assertEqual(read_all(link), b"<REP LIST 0>\n<REP LIST END>\n")

    def test_byte_by_byte(self):
        with self.tracker.connect() as link:
            for byte in f"<createtracker slow.txt 5 d {MD5} 127.0.0.1 9>\n".encode():
                link.sendall(bytes([byte]))
            self.assertEqual(read_all(link), b"<createtracker succ>\n")

    def test_create_is_read_from_both_ends(self):
        for number, (description, shown) in enumerate((("two words", "two words"), ("_", ""), ("", ""),
                                                       ("under_scores here", "under scores here"))):
            name = f"file{number}"
            self.assertEqual(self.tracker.ask(f"<createtracker {name} 7 {description} {MD5} localhost 80>\n"),
                             "<createtracker succ>\n", description)
            self.assertIn(f"Description: {shown}".strip(), self.tracker.ask(f"<GET {name}.track>").replace(": \n", ":\n"))

    def test_a_host_name_is_accepted(self):
        self.tracker.create("a", host="peer.example")
        self.assertEqual(self.tracker.peers("a")[0][0], "peer.example")

    def test_an_md5_that_is_none(self):
        self.assertEqual(self.tracker.create("short", checksum="a" * 30), "<createtracker succ>\n")
        self.assertEqual(self.tracker.ask(f"createtracker other 5 d {'a' * 30} 127.0.0.1 80\n"), "<createtracker fail>\n")

    def test_typed_by_hand(self):
        self.assertEqual(self.tracker.ask(f"createtracker hand 5 d {MD5} 127.0.0.1 80\n"), "<createtracker succ>\n")
        self.assertEqual(self.tracker.ask("updatetracker hand 0 5 127.0.0.1 81\n"), "<updatetracker hand succ>\n")


class Peers(TrackerCase):
    """Section 1 and 7.5: whose line says what."""

    def ranges(self, name="f"):
        return {int(port): (int(start), int(end)) for _, port, start, end, _ in self.tracker.peers(name)}

    def test_the_creator_has_the_whole_file_until_it_updates(self):
        self.tracker.create("f", 1000, port=7)
        self.assertEqual(self.ranges(), {7: (0, 1000)})
        self.tracker.update("f", 100, 150, port=7)
        self.assertEqual(self.ranges(), {7: (100, 150)})

    def test_touching_ranges_are_merged_and_others_replace(self):
        self.tracker.create("f", 1000, port=7)
        for start, end, expected in ((100, 150, (100, 150)), (150, 200, (100, 200)), (201, 250, (100, 250)),
                                     (50, 120, (50, 250)), (400, 500, (400, 500))):
            self.tracker.update("f", start, end, port=8)
            self.assertEqual(self.ranges()[8], expected)

    def test_one_line_an_address_and_port(self):
        self.tracker.create("f", 1000, port=7)
        for port in (8, 9, 8):
            self.tracker.update("f", 0, 10, port=port)
        self.tracker.update("f", 0, 10, host="127.0.0.2", port=8)
        self.assertEqual(len(self.tracker.peers("f")), 4)

    def test_ranges_outside_the_file_fail(self):
        self.tracker.create("f", 1000)
        for start, end in ((0, 1001), (500, 499), (-1, 5), (0, 2**63), (0, 2**64), ("x", 5), (1001, 1001)):
            self.assertEqual(self.tracker.update("f", start, end), "<updatetracker f fail>\n", (start, end))
        for start, end in ((0, 1000), (0, 0), (1000, 1000), (0, 999)):
            self.assertEqual(self.tracker.update("f", start, end), "<updatetracker f succ>\n", (start, end))

    def test_a_peer_takes_its_line_back(self):
        self.tracker.create("f", 1000)
        for host, port in (("127.0.0.1", 1), ("127.0.0.1", 2), ("127.0.0.9", 1)):
            self.tracker.update("f", 0, 1000, host, port)
        self.assertEqual(self.tracker.update("f", 1000, 1000), "<updatetracker f succ>\n")
        self.assertEqual(len(self.tracker.peers("f")), 2)
        self.tracker.update("f", 1000, 1000, "127.0.0.9")  # not from there
        self.assertEqual(len(self.tracker.peers("f")), 2)
        self.assertEqual(self.tracker.ask("<updatetracker f 1000 1000 127.0.0.9 1>\n", source="127.0.0.9"),
                         "<updatetracker f succ>\n")
        self.assertEqual([line[:2] for line in self.tracker.peers("f")], [["127.0.0.1", "2"]])

    def test_dead_peers_go_at_the_next_update(self):
        self.restart("--possession", "off", "--peer-timeout", "1")
        self.tracker.create("f", 1000, port=7)
        deadline = time.monotonic() + 20
        while len(self.tracker.peers("f")) != 1 or self.tracker.peers("f")[0][1] != "8":
            self.assertLess(time.monotonic(), deadline)
            self.tracker.update("f", 0, 10, port=8)


class BadInput(TrackerCase):
    """Section 7, 8 and 9: one line with an error and a close; never a hang, never a crash."""

    def still_works(self):
        self.assertTrue(self.tracker.ask("<REQ LIST>\n").endswith("<REP LIST END>\n"))

    def test_unknown_commands(self):
        for request in (b"HELLO\n", b"<>\n", b"\n", b"<DROP x>\n", b"\x00\x00\n", b"\xff\xfe\n", b"GET\n", b"<REQ>\n", b"<GET >\n"):
            reply = self.tracker.ask(request)
            self.assertEqual(reply.count("\n"), 1, request)
            self.assertTrue(reply.endswith("\n"), request)
        self.still_works()

    def test_a_megabyte_without_line_end(self):
        reply = self.tracker.ask(b"x" * 1_000_000)
        self.assertRegex(reply, r"^<ERROR .*>\n$")
        self.still_works()

    def test_the_longest_line(self):
        self.restart("--possession", "off", "--line-length-max", "200")
        for length, good in ((200, True), (201, False)):
            request = f"<createtracker n{length} 5 {'d' * 300} {MD5} 127.0.0.1 80>"
            request = request.replace("d" * 300, "d" * (300 - (len(request) - length)))
            self.assertEqual(len(request), length)
            self.assertEqual(self.tracker.ask(request + "\n"), "<createtracker succ>\n" if good else
                             "<ERROR request too long>\n")

    def test_nul_bytes(self):
        self.assertEqual(self.tracker.ask(f"<createtracker a\0b 5 d {MD5} 127.0.0.1 80>\n"), "<createtracker fail>\n")
        self.assertEqual(self.tracker.ask("<REQ LIST>\0"), "<REP LIST 0>\n<REP LIST END>\n")

    def test_numbers(self):
        for size in ("-1", "9223372036854775808", "99999999999999999999999", "1e3", "0x10", "", "+5"):
            self.assertEqual(self.tracker.create("n", size=size), "<createtracker fail>\n", size)
        for port in ("0", "-1", "65536", "x"):
            self.assertEqual(self.tracker.create("n", port=port), "<createtracker fail>\n", port)
        self.tracker.create("n")
        self.assertEqual(self.tracker.update("n", 0, 5, port=0), "<updatetracker n fail>\n")

    def test_names_that_are_paths_or_too_long(self):
        for name in ("../etc/passwd", "a/b", "a\\b", "..", ".", "a\x1b[2J", "a\x7f", "n" * 256, "n" * 300):
            self.assertEqual(self.tracker.create(name), "<createtracker fail>\n", name)
        self.assertEqual(self.tracker.create("n" * 255), "<createtracker succ>\n")
        self.assertEqual(self.tracker.create("\N{SNOWMAN}.txt"), "<createtracker succ>\n")
        self.assertIn("Filename: " + "n" * 255, self.tracker.ask(f"<GET {'n' * 255}.track>"))

    def test_a_reply_that_is_not_read_and_a_client_that_goes(self):
        for index in range(300):
            self.tracker.create(f"f{index}")
        for _ in range(20):
            link = self.tracker.connect()
            link.sendall(b"<REQ LIST>\n")
            link.close()
        self.still_works()


class Caps(TrackerCase):
    """All limits, at the limit."""

    def test_entries(self):
        self.restart("--possession", "off", "--entries-max", "2")
        self.assertEqual([self.tracker.create(n) for n in "abc"],
                         ["<createtracker succ>\n", "<createtracker succ>\n", "<createtracker fail>\n"])

    def test_entries_of_one_address(self):
        self.restart("--possession", "off", "--entries-per-address-max", "1")
        request = "<createtracker {} 5 d " + MD5 + " 127.0.0.1 80>\n"
        self.assertEqual(self.tracker.ask(request.format("a"), "127.0.0.1"), "<createtracker succ>\n")
        self.assertEqual(self.tracker.ask(request.format("b"), "127.0.0.1"), "<createtracker fail>\n")
        self.assertEqual(self.tracker.ask(request.format("b"), "127.0.0.2"), "<createtracker succ>\n")

    def test_peers_of_one_entry(self):
        self.restart("--possession", "off", "--peers-per-entry-max", "2")
        self.tracker.create("a", port=1)
        self.assertEqual([self.tracker.update("a", 0, 5, port=p) for p in (2, 3, 2, 1)],
                         ["<updatetracker a succ>\n", "<updatetracker a fail>\n", "<updatetracker a succ>\n",
                          "<updatetracker a succ>\n"])

    def test_connections_of_one_address(self):
        self.restart("--possession", "off", "--connections-per-address-max", "3")
        held = [self.tracker.connect() for _ in range(3)]
        with self.tracker.connect() as fourth:
            self.assertEqual(fourth.recv(10), b"")
        self.assertTrue(self.tracker.ask("<REQ LIST>\n", "127.0.0.2").endswith("<REP LIST END>\n"))
        for link in held:
            link.close()

    def test_a_request_that_takes_too_long(self):
        self.restart("--possession", "off", "--request-time", "0.2", "--idle-time", "2")
        with self.tracker.connect() as silent, self.tracker.connect() as slow:
            slow.sendall(b"<REQ")  # a bracket that never closes; nor does LF or quiet end it
            self.assertIn(slow.recv(100), (b"", b"<ERROR unknown command>\n"))
            self.assertEqual(silent.recv(10), b"")


class Possession(TrackerCase):
    """Only a peer with the whole file creates an entry."""
    arguments = ()
    data = os.urandom(50_000)

    def create_from(self, peer, name="f", size=50_000, host="127.0.0.1"):
        return self.tracker.create(name, size, checksum=md5(self.data), host=host, port=peer.port)

    def outcome(self):
        return self.tracker.outcome("createtracker")

    def test_who_has_it_is_verified(self):
        peer = FakePeer(self.data)
        self.assertEqual(self.create_from(peer), "<createtracker succ>\n")
        self.assertGreaterEqual(len(peer.requests), 3)
        self.assertTrue(any(b" 0 " in r for r in peer.requests))  # the first bytes are asked for
        self.assertEqual(self.outcome(), "succ")
        peer.close()

    def test_who_refuses_or_is_short_or_sends_too_much_fails(self):
        refusing = FakePeer(answer=lambda request, link: link.sendall(b"<GET invalid>\n"))
        self.assertEqual(self.create_from(refusing), "<createtracker fail>\n")
        short = FakePeer(self.data[:40_000])
        self.assertEqual(self.create_from(short), "<createtracker fail>\n")
        closing = FakePeer(answer=lambda request, link: None)
        self.assertEqual(self.create_from(closing), "<createtracker fail>\n")
        self.assertEqual(self.tracker.ask("<REQ LIST>\n"), "<REP LIST 0>\n<REP LIST END>\n")

    def test_who_cannot_be_reached_is_unverified(self):
        self.assertEqual(self.tracker.create("f", port=1), "<createtracker succ>\n")
        self.assertIn("unverified", self.outcome())

    def test_who_does_not_answer_in_time_is_unverified_and_stalls_nobody(self):
        silent = FakePeer(answer=lambda request, link: link.recv(1))
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(self.create_from(silent)))
        waiting.start()
        for _ in range(20):
            self.tracker.ask("<REQ LIST>\n")
        self.assertEqual(answers, [])  # all that while the check was under way
        waiting.join()
        self.assertEqual(answers, ["<createtracker succ>\n"])
        self.assertIn("unverified", self.outcome())

    def test_it_connects_only_to_where_the_request_came_from(self):
        peer = FakePeer(self.data)
        reply = self.tracker.ask(f"<createtracker f 50000 d {md5(self.data)} 127.0.0.1 {peer.port}>\n", "127.0.0.2")
        self.assertEqual(reply, "<createtracker succ>\n")
        self.assertIn("unverified", self.outcome())
        self.assertEqual(peer.requests, [])

    def test_a_host_name_is_looked_up(self):
        peer = FakePeer(self.data)
        self.assertEqual(self.create_from(peer, host="localhost"), "<createtracker succ>\n")
        self.assertEqual(self.outcome(), "succ")

    def test_require_and_off(self):
        self.restart("--possession", "require")
        self.assertEqual(self.tracker.create("f", port=1), "<createtracker fail>\n")
        self.assertEqual(self.create_from(FakePeer(self.data)), "<createtracker succ>\n")
        self.restart("--possession", "off")
        peer = FakePeer(b"")
        self.assertEqual(self.create_from(peer, "g"), "<createtracker succ>\n")
        self.assertEqual(peer.requests, [])

    def test_an_empty_file_needs_no_chunk(self):
        self.assertEqual(self.create_from(FakePeer(b""), size=0), "<createtracker succ>\n")
        self.assertEqual(self.outcome(), "succ")


class Truth(TrackerCase):
    """State survives kill -9; .track files are a view."""

    def test_after_kill_everything_answered_is_there(self):
        for index in range(50):
            self.assertEqual(self.tracker.create(f"f{index:02}"), "<createtracker succ>\n")
            self.assertEqual(self.tracker.update(f"f{index:02}", 0, index, port=99), f"<updatetracker f{index:02} succ>\n")
        before = self.tracker.ask("<REQ LIST>\n")
        files = [self.tracker.ask(f"<GET f{i:02}.track>\n") for i in range(50)]
        self.restart(kill=True)
        self.assertEqual(self.tracker.ask("<REQ LIST>\n"), before)
        self.assertEqual([self.tracker.ask(f"<GET f{i:02}.track>\n") for i in range(50)], files)

    def track_file(self, name, has):
        path, deadline = self.state / name, time.monotonic() + 20
        while not (path.exists() and has in path.read_text()):
            self.assertLess(time.monotonic(), deadline, f"{name} was not written")
            time.sleep(0.01)  # the view follows the truth by a moment; this polls for it
        return path.read_text()

    def test_track_files_are_readable_and_a_broken_one_harms_nothing(self):
        self.tracker.create("movie.avi", port=7)
        text = self.track_file("movie.avi.track", ":7:")
        self.assertIn(text, self.tracker.ask("<GET movie.avi.track>\n"))
        (self.state / "movie.avi.track").write_text("rubbish\0\n" * 100)
        (self.state / "other.track").write_text("Filename: ../../x\n")
        served = self.tracker.ask("<GET movie.avi.track>\n")
        self.assertNotIn("rubbish", served)
        self.restart(kill=True)
        self.assertEqual(self.tracker.ask("<GET movie.avi.track>\n"), served)
        self.track_file("movie.avi.track", "Filename: movie.avi")
        self.assertNotIn("other", self.tracker.ask("<REQ LIST>\n"))

    def test_a_second_tracker_on_the_same_state_says_so(self):
        from harness import BIN, Program
        second = Program(BIN / "spate", "tracker", "--listen", "127.0.0.1:0", "--state", self.state)
        code, _, error = second.wait()
        self.assertEqual(code, 1)
        self.assertIn(str(self.state), error)

    def test_a_port_that_is_taken(self):
        from harness import BIN, Program
        with tempfile.TemporaryDirectory() as other:
            second = Program(BIN / "spate", "tracker", "--listen", f"127.0.0.1:{self.tracker.port}", "--state", other)
            code, _, error = second.wait()
        self.assertEqual(code, 1)
        self.assertIn(str(self.tracker.port), error)


class BareDialect(TrackerCase):
    """Section 6: no brackets, no line ends, the connection stays open."""

    def test_the_original_exchange(self):
        links = [self.tracker.connect() for _ in range(6)]
        receiver = links[5]
        for sender in links[:5]:
            receiver.sendall(b"LIST")
            self.assertEqual(receiver.recv(100), b"Requesting Files...")
            sender.sendall(b"TRACKER")
            expected, got = b"\nTRACKER CREATED/UPDATED", b""
            while len(got) < len(expected):
                got += sender.recv(100)
            self.assertEqual(got, expected)
        receiver.sendall(b"LIST")
        self.assertEqual(receiver.recv(100), b"picture-wallpaper.jpg")
        receiver.sendall(b"LIST")
        self.assertEqual(receiver.recv(100), b"picture-wallpaper.jpg")
        for link in links:
            link.close()


if __name__ == "__main__":
    run_unittest()
