#!/usr/bin/env python3
"""The catalogue over real sockets (docs/protocols/catalogue.md): publish, replace, remove, refusals, possession, `spate list`."""
import hashlib
import http.client
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "classic"))
from ed25519 import Key
from harness import BIN, TIMEOUT, Tracker, eventually, md5, run_unittest

ALICE, BOB = Key(b"a" * 32), Key(b"b" * 32)
PIECE = 32 * 1024


def bencode(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, list):
        return b"l" + b"".join(map(bencode, value)) + b"e"
    return b"d" + b"".join(bencode(k) + bencode(v) for k, v in sorted(value.items())) + b"e"


def torrent(data, name="file.bin", files=None, comment="", piece=PIECE):
    pieces = b"".join(hashlib.sha1(data[i:i + piece]).digest() for i in range(0, len(data), piece))
    info = {"name": name, "piece length": piece, "pieces": pieces}
    if files is None:
        info["length"] = len(data)
    else:
        info["files"] = [{"length": size, "path": [path]} for path, size in files]
    outer = {"info": info}
    if comment:
        outer["comment"] = comment
    return bencode(outer)


def info_hash(metainfo):
    return hashlib.sha1(metainfo[metainfo.index(b"4:info") + 6:-1]).digest()


def escaped(text):
    return urllib.parse.quote(text if isinstance(text, bytes) else text.encode(), safe="-._~")


class Catalogue:
    def __init__(self, port):
        self.port = port

    def request(self, method, path, body=None, headers=None):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            link.putrequest(method, path, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                link.putheader(name, value)
            if body is not None:
                link.putheader("Content-Length", str(len(body)))
            link.endheaders(body)
            reply = link.getresponse()
            return reply.status, reply.read()
        finally:
            link.close()

    def signed(self, method, name, body, key, sequence, description="", checksum="", port=0, bend=None):
        text = "spate catalogue 1\n%s\n%s\n%d\n%s\n%s\n%s\n" % (
            method, escaped(name), sequence, hashlib.sha256(body).hexdigest(), checksum, escaped(description))
        headers = {"Spate-Key": key.public.hex(), "Spate-Signature": key.sign(text.encode()).hex(),
                   "Spate-Sequence": str(sequence)}
        if description:
            headers["Spate-Description"] = escaped(description)
        if checksum:
            headers["Spate-Md5"] = checksum
        if port:
            headers["Spate-Port"] = str(port)
        headers.update(bend or {})
        path = "/torrent/" + escaped(name)
        status, reply = self.request(method, path, body if method == "PUT" else None, headers)
        return status, json.loads(reply)

    def put(self, name, body, key=ALICE, sequence=1, **more):
        return self.signed("PUT", name, body, key, sequence, **more)

    def delete(self, name, key=ALICE, sequence=2, **more):
        return self.signed("DELETE", name, b"", key, sequence, **more)

    def entry(self, name):
        status, reply = self.request("GET", "/entry/" + escaped(name))
        return json.loads(reply) if status == 200 else None

    def page(self, query=""):
        status, reply = self.request("GET", "/catalogue" + query)
        return status, json.loads(reply)

    def names(self, query=""):
        return [entry["name"] for entry in self.page(query)[1]["entries"]]


class CatalogueCase(unittest.TestCase):
    arguments = ()
    data = bytes(range(256)) * 400

    def setUp(self):
        self.state = Path(tempfile.mkdtemp(prefix="spate-test-"))
        self.start()

    def start(self):
        self.tracker = Tracker(self.state, *self.arguments)
        self.catalogue = Catalogue(self.tracker.port)

    def tearDown(self):
        self.assertEqual(self.tracker.stop()[0], 0)
        shutil.rmtree(self.state)

    def kill_and_restart(self):
        self.tracker.kill()
        self.start()

    def assert_refused(self, answer, status, result):
        self.assertEqual((answer[0], answer[1].get("result")), (status, result), answer)
        self.assertTrue(answer[1]["error"], answer)


class Publishing(CatalogueCase):
    def test_publish_fetch_and_look(self):
        body = torrent(self.data)
        self.assertEqual(self.catalogue.put("file.bin", body, description="some ä words", checksum=md5(self.data)),
                         (201, {"result": "created"}))
        self.assertEqual(self.catalogue.request("GET", "/torrent/file.bin"), (200, body))
        entry = self.catalogue.entry("file.bin")
        self.assertEqual(entry["info_hash_v1"], info_hash(body).hex())
        self.assertEqual((entry["size"], entry["files"], entry["description"], entry["md5"], entry["verified"]),
                         (len(self.data), 1, "some ä words", md5(self.data), False))
        self.assertEqual(entry["publisher"], ALICE.public.hex())
        self.assertEqual(self.catalogue.names(), ["file.bin"])
        status, nothing = self.catalogue.request("HEAD", "/torrent/file.bin")
        self.assertEqual((status, nothing), (200, b""))

    def test_what_was_answered_survives_kill_9(self):
        body = torrent(self.data)
        self.catalogue.put("kept", body, checksum=md5(self.data))
        self.catalogue.put("gone", torrent(self.data[1:]))
        self.catalogue.delete("gone", sequence=2)
        self.kill_and_restart()
        self.assertEqual(self.catalogue.request("GET", "/torrent/kept"), (200, body))
        self.assertIsNone(self.catalogue.entry("gone"))
        self.assert_refused(self.catalogue.put("gone", torrent(self.data[1:]), sequence=2), 409, "old_sequence")

    def test_a_second_publisher_of_the_same_content_joins(self):
        self.catalogue.put("f", torrent(self.data))
        status, reply = self.catalogue.put("f", torrent(self.data, comment="another file, the same info"), BOB)
        self.assertEqual((status, reply), (200, {"result": "joined", "joined": True}))
        self.assertEqual(self.catalogue.entry("f")["publisher"], ALICE.public.hex())
        self.assert_refused(self.catalogue.delete("f", BOB, 5), 403, "other_publisher")

    def test_another_content_under_a_taken_name_is_refused(self):
        self.catalogue.put("f", torrent(self.data))
        answer = self.catalogue.put("f", torrent(self.data[:-1]), BOB)
        self.assert_refused(answer, 409, "name_taken")
        self.assertIn("another name", answer[1]["error"])

    def test_the_publisher_replaces_and_removes_its_own(self):
        self.catalogue.put("f", torrent(self.data), sequence=1)
        other = torrent(self.data[5:])
        self.assertEqual(self.catalogue.put("f", other, sequence=2)[1], {"result": "replaced"})
        self.assertEqual(self.catalogue.request("GET", "/torrent/f"), (200, other))
        self.assertEqual(self.catalogue.put("f", other, sequence=3)[1], {"result": "unchanged"})
        self.assertEqual(self.catalogue.delete("f", sequence=4), (200, {"result": "removed"}))
        self.assertEqual(self.catalogue.request("GET", "/torrent/f")[0], 404)
        self.assertIsNone(self.catalogue.entry("f"))
        self.assert_refused(self.catalogue.delete("f", sequence=5), 404, "not_found")

    def test_an_old_request_does_nothing(self):
        first = torrent(self.data)
        self.catalogue.put("f", first, sequence=10)
        self.catalogue.put("f", torrent(self.data[1:]), sequence=11)
        for sequence in (10, 11):
            self.assert_refused(self.catalogue.put("f", first, sequence=sequence), 409, "old_sequence")
            self.assert_refused(self.catalogue.delete("f", sequence=sequence), 409, "old_sequence")
        self.catalogue.delete("f", sequence=12)
        answer = self.catalogue.put("f", first, sequence=11)
        self.assert_refused(answer, 409, "old_sequence")
        self.assertEqual(answer[1]["last_sequence"], 12)
        self.assertEqual(self.catalogue.put("f", first, sequence=13)[0], 201)

    def test_a_replay_brings_nothing_back_that_was_removed(self):
        body, checksum = torrent(self.data), md5(self.data)
        sent = []
        plain = self.catalogue.request
        self.catalogue.request = lambda *request: sent.append(request) or plain(*request)
        self.assertEqual(self.catalogue.put("f", body, sequence=1, checksum=checksum)[0], 201)
        self.catalogue.request = plain
        self.assertEqual(self.catalogue.delete("f", sequence=2)[0], 200)
        for restart in (False, True):
            if restart:
                self.kill_and_restart()
            status, reply = self.catalogue.request(*sent[0])  # octet by octet what was signed then
            self.assert_refused((status, json.loads(reply)), 409, "old_sequence")
            self.assertIsNone(self.catalogue.entry("f"))
            self.assertEqual(self.catalogue.request("GET", "/torrent/f")[0], 404)
            self.assertEqual(self.tracker.ask("<REQ LIST>\n"), "<REP LIST 0>\n<REP LIST END>\n")

    def test_wrong_signatures(self):
        body = torrent(self.data)
        for bend in ({"Spate-Signature": "00" * 64}, {"Spate-Key": BOB.public.hex()}, {"Spate-Sequence": "7"},
                     {"Spate-Description": "other"}, {"Spate-Md5": md5(self.data)}, {"Spate-Key": "ff" * 32}):
            self.assert_refused(self.catalogue.put("f", body, bend=bend), 403, "bad_signature")
        for bend in ({"Spate-Signature": "00"}, {"Spate-Key": "x" * 64}, {"Spate-Sequence": "-1"},
                     {"Spate-Sequence": str(2 ** 63)}, {"Spate-Md5": "1"}, {"Spate-Port": "70000"},
                     {"Spate-Description": "%0a"}, {"Spate-Description": "a" * 1025}):
            self.assert_refused(self.catalogue.put("f", body, bend=bend), 400, "bad_request")
        self.assertEqual(self.catalogue.names(), [])

    def test_bodies_that_are_no_metainfo(self):
        for body in (b"", b"x", bencode({}), torrent(self.data)[:-1], bencode({"info": {"name": "a"}})):
            self.assert_refused(self.catalogue.put("f", body), 422, "bad_metainfo")

    def test_a_body_that_is_too_large(self):
        with socket.create_connection(("127.0.0.1", self.tracker.port), timeout=TIMEOUT) as link:
            link.sendall(b"PUT /torrent/f HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999\r\n\r\n")
            self.assertIn(b" 413 ", link.recv(4096))
        self.assertEqual(self.catalogue.names(), [])

    def test_names(self):
        body = torrent(self.data)
        for number, name in enumerate(("a/b", "..", "../x", "a\\b", "a b", "a<b", "a\nb", "a\0b", "a\x7fb", ".",
                                       "n" * 256, b"\xff\xfe", "gpj\u202eexe", "a\u200fb", "a\u2066b")):
            self.assert_refused(self.catalogue.put(name, body, sequence=number + 1), 400, "bad_request")
        odd = "100%_&_ünï'\"#?;+.bin"
        self.assertEqual(self.catalogue.put(odd, body)[0], 201)
        self.assertEqual(self.catalogue.entry(odd)["name"], odd)
        self.assertEqual(self.catalogue.put("announce", body)[0], 201)  # also the end of another path
        self.assertEqual(self.catalogue.entry("announce")["name"], "announce")
        for path in ("/torrent/", "/torrent/%zz", "/entry/", "/entry/%4"):
            self.assertEqual(self.catalogue.request("GET", path)[0], 400, path)

    def test_methods(self):
        for method, path in (("POST", "/catalogue"), ("PUT", "/entry/a"), ("DELETE", "/catalogue"), ("POST", "/torrent/a")):
            self.assertIn(self.catalogue.request(method, path)[0], (405, 411), (method, path))


class Caps(CatalogueCase):
    arguments = ("--entries-max", "3", "--entries-per-address-max", "2")

    def test_entries(self):
        self.assertEqual(self.catalogue.put("a", torrent(self.data))[0], 201)
        self.assertEqual(self.catalogue.put("b", torrent(self.data))[0], 201)
        self.assert_refused(self.catalogue.put("c", torrent(self.data)), 507, "full")
        self.catalogue.delete("a")
        self.assertEqual(self.catalogue.put("c", torrent(self.data))[0], 201)


class OneWorld(CatalogueCase):
    """The classic protocol sees single files with an MD5, and nothing else."""
    arguments = ("--possession", "off")

    def test_the_classic_list_and_get(self):
        self.catalogue.put("single", torrent(self.data), checksum=md5(self.data), description="words")
        self.catalogue.put("without_md5", torrent(self.data[1:]))
        self.catalogue.put("folder", torrent(self.data, files=[("x", 1), ("y", len(self.data) - 1)]))
        self.assertEqual(self.tracker.ask("<REQ LIST>\n"),
                         f"<REP LIST 1>\n<1 single {len(self.data)} {md5(self.data)}>\n<REP LIST END>\n")
        self.assertIn("Description: words", self.tracker.ask("<GET single.track>\n"))
        self.assertEqual(self.tracker.ask("<GET folder.track>\n"), "<GET invalid>\n")
        for name in ("single", "without_md5", "folder"):
            self.assertEqual(self.tracker.create(name), "<createtracker ferr>\n")
        self.assertEqual(self.tracker.update("single", 0, len(self.data), port=7), "<updatetracker single succ>\n")
        self.assertEqual(self.tracker.update("folder", 0, 1), "<updatetracker folder ferr>\n")
        entry = self.catalogue.entry("single")
        self.assertEqual((entry["seeds"], entry["coverage"]), (1, 1))
        self.assertTrue(eventually((self.state / "single.track").exists))
        self.catalogue.delete("single")
        self.assertEqual(self.tracker.ask("<REQ LIST>\n"), "<REP LIST 0>\n<REP LIST END>\n")
        self.assertTrue(eventually(lambda: not (self.state / "single.track").exists()))

    def test_a_folder_has_no_md5(self):
        body = torrent(self.data, files=[("x", 1), ("y", len(self.data) - 1)])
        self.assert_refused(self.catalogue.put("folder", body, checksum=md5(self.data)), 400, "bad_request")

    def test_a_classic_entry_is_published_too_if_it_is_the_same(self):
        self.tracker.create("f", len(self.data), checksum=md5(self.data))
        self.tracker.update("f", 0, 1000, port=7)
        self.assert_refused(self.catalogue.put("f", torrent(self.data[1:]), checksum=md5(self.data[1:])), 409, "name_taken")
        self.assert_refused(self.catalogue.put("f", torrent(self.data)), 409, "name_taken")
        self.assertEqual(self.catalogue.put("f", torrent(self.data), checksum=md5(self.data))[0], 201)
        self.assertEqual(len(self.tracker.peers("f")), 2)  # its creator and the other stay
        self.assertAlmostEqual(self.catalogue.entry("f")["coverage"], 1000 / len(self.data), places=2)
        self.catalogue.delete("f")  # what the classic creator made stays
        self.assertEqual(self.catalogue.request("GET", "/torrent/f")[0], 404)
        self.assertIsNone(self.catalogue.entry("f")["info_hash_v1"])
        self.assertIn("<1 f ", self.tracker.ask("<REQ LIST>\n"))

    def test_a_new_content_begins_without_peers(self):
        self.catalogue.put("f", torrent(self.data), checksum=md5(self.data))
        self.tracker.update("f", 0, len(self.data), port=7)
        self.catalogue.put("f", torrent(self.data[:50]), sequence=2, checksum=md5(self.data[:50]))
        self.assertEqual(self.tracker.peers("f"), [])
        self.assertIn(f"<1 f 50 {md5(self.data[:50])}>", self.tracker.ask("<REQ LIST>\n"))

    def test_announces_are_counted(self):
        body = torrent(self.data)
        self.catalogue.put("f", body)
        swarm = urllib.parse.quote(info_hash(body), safe="")
        for number, left in ((1, 0), (2, 5), (3, 5)):
            status, reply = self.catalogue.request(
                "GET", f"/announce?info_hash={swarm}&peer_id={'%020d' % number}&port={6000 + number}"
                       f"&uploaded=0&downloaded=0&left={left}&compact=1&event=started")
            self.assertEqual(status, 200, reply)
        entry = self.catalogue.entry("f")
        self.assertEqual((entry["seeds"], entry["leechers"], entry["coverage"]), (1, 2, 1))


class Listing(CatalogueCase):
    def test_orders_pages_and_search(self):
        for number, name in enumerate(("banana", "Apple", "cherry_apple")):
            self.catalogue.put(name, torrent(self.data[:1000 * (number + 1)]), description=f"number {number}")
        self.assertEqual(self.catalogue.names(), ["Apple", "banana", "cherry_apple"])
        self.assertEqual(self.catalogue.names("?sort=size"), ["cherry_apple", "Apple", "banana"])
        self.assertEqual(self.catalogue.names("?search=APPLE"), ["Apple", "cherry_apple"])
        self.assertEqual(self.catalogue.names("?search=number+0"), ["banana"])
        self.assertEqual(self.catalogue.names("?search=nothing"), [])
        for order in ("name", "size", "age"):
            whole, paged, after = self.catalogue.names(f"?sort={order}"), [], ""
            while after is not None:
                page = self.catalogue.page(f"?sort={order}&limit=1&after={escaped(after)}")[1]
                paged += [entry["name"] for entry in page["entries"]]
                after = page["next"]
            self.assertEqual(paged, whole)
        for bad in ("?sort=luck", "?limit=0", "?search=%zz", "?search=" + "a" * 201):
            self.assertEqual(self.catalogue.page(bad)[0], 400, bad)
        self.assertEqual(self.catalogue.names("?after=%25zz"), [])

    def spate_list(self, *arguments, tracker=None):
        environment = dict(os.environ, SPATE_TRACKER=tracker or f"127.0.0.1:{self.tracker.port}")
        done = subprocess.run([BIN / "spate", "list", *arguments], env=environment, capture_output=True, text=True,
                              timeout=TIMEOUT, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr

    def test_spate_list(self):
        code, out, err = self.spate_list()
        self.assertEqual((code, out), (0, ""))
        self.assertIn("spate share", err)
        self.catalogue.put("small", torrent(self.data[:10]), description="an\x9b\u202eodd one")
        self.catalogue.put("large", torrent(self.data))
        code, out, err = self.spate_list("--sort", "size")
        self.assertEqual((code, err), (0, ""))
        lines = out.splitlines()
        self.assertRegex(lines[0], r"^NAME +SIZE +SEEDS +LEECHERS +COVERAGE +VERIFIED +AGE +ABOUT$")
        self.assertRegex(lines[1], r"^large +102 kB +0 +0 +0% +no +just now$")
        self.assertRegex(lines[2], r"^small +10 B .*an\\x")
        code, out, _ = self.spate_list("--json", "--search", "odd")
        self.assertEqual([json.loads(line)["name"] for line in out.splitlines()], ["small"])

    def test_spate_list_says_what_to_do(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        code, _, err = self.spate_list(tracker=f"127.0.0.1:{port}")
        self.assertEqual(code, 1)
        self.assertIn("spate tracker", err)
        self.assertEqual(self.spate_list("--sort", "luck")[0], 2)


class Sharer:
    """A BitTorrent peer (BEP 3, no BEP 6) that seeds `data`; `bend` may spoil a block."""

    def __init__(self, metainfo, data, has_all=True, bend=None):
        self.swarm, self.data, self.has_all, self.bend = info_hash(metainfo), data, has_all, bend or (lambda block: block)
        self.count = -(-len(data) // PIECE)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.asked = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(link,), daemon=True).start()

    def talk(self, link):
        with link, link.makefile("rb") as stream:
            link.settimeout(TIMEOUT)
            handshake = stream.read(68)
            if len(handshake) < 68 or handshake[28:48] != self.swarm:
                return
            link.sendall(b"\x13BitTorrent protocol" + bytes(8) + self.swarm + b"-XX0000-" + bytes(12))
            bits = bytearray(-(-self.count // 8))
            for piece in range(self.count if self.has_all else 0):
                bits[piece // 8] |= 0x80 >> piece % 8
            link.sendall(struct.pack(">IB", 1 + len(bits), 5) + bits + struct.pack(">IB", 1, 1))
            while len(head := stream.read(4)) == 4:
                message = stream.read(struct.unpack(">I", head)[0])
                if message[:1] == b"\x06":
                    self.asked += 1
                    piece, offset, length = struct.unpack(">III", message[1:])
                    at = piece * PIECE + offset
                    block = self.bend(self.data[at:at + length])
                    link.sendall(struct.pack(">IBII", 9 + len(block), 7, piece, offset) + block)

    def close(self):
        self.listener.close()


class PossessionOfEntries(CatalogueCase):
    def share(self, **how):
        metainfo = torrent(self.data)
        sharer = Sharer(metainfo, self.data, **how)
        self.addCleanup(sharer.close)
        return metainfo, sharer

    def test_who_gives_the_pieces_is_verified(self):
        metainfo, sharer = self.share()
        self.assertEqual(self.catalogue.put("f", metainfo, port=sharer.port)[0], 201)
        self.assertEqual(self.tracker.outcome("possession of f"), "verified")
        self.assertTrue(eventually(lambda: self.catalogue.entry("f")["verified"]))
        self.kill_and_restart()
        self.assertTrue(self.catalogue.entry("f")["verified"])

    def test_who_gives_wrong_bytes_loses_the_entry(self):
        metainfo, sharer = self.share(bend=lambda block: bytes(len(block)))
        self.assertEqual(self.catalogue.put("f", metainfo, port=sharer.port)[0], 201)
        self.assertRegex(self.tracker.outcome("possession of f"), "^refused: its piece")
        self.assertTrue(eventually(lambda: self.catalogue.entry("f") is None))

    def test_who_cannot_be_reached_is_unverified(self):
        metainfo = torrent(self.data)
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        self.catalogue.put("f", metainfo, port=port)
        self.assertRegex(self.tracker.outcome("possession of f"), "^unverified: ")
        self.assertFalse(self.catalogue.entry("f")["verified"])
        _, sharer = self.share()  # it says so again once it can be reached, or somebody else joins
        self.catalogue.put("f", metainfo, BOB, port=sharer.port)
        self.assertTrue(eventually(lambda: self.catalogue.entry("f")["verified"]))

    def test_a_false_joiner_harms_nobody(self):
        metainfo, sharer = self.share(bend=lambda block: bytes(len(block)))
        self.catalogue.put("f", metainfo)
        self.catalogue.put("f", metainfo, BOB, port=sharer.port)
        self.tracker.outcome("possession of f")
        self.assertIsNotNone(self.catalogue.entry("f"))


class StrictPossession(CatalogueCase):
    arguments = ("--possession", "require")

    def test_only_who_shows_it_keeps_the_entry(self):
        metainfo = torrent(self.data)
        self.assert_refused(self.catalogue.put("f", metainfo), 400, "bad_request")
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        self.assertEqual(self.catalogue.put("f", metainfo, port=port)[0], 201)
        self.assertTrue(eventually(lambda: self.catalogue.entry("f") is None))


if __name__ == "__main__":
    run_unittest()
