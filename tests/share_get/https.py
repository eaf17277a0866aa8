#!/usr/bin/env python3
"""https: .torrent files and trackers behind TLS, and the certificates that are not accepted."""
import http.server
import ssl
import subprocess
import sys
import threading
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "classic"))
from harness import run_unittest
from share_get import MB, SpateTest


def openssl(*words, cwd):
    subprocess.run(["openssl", *map(str, words)], cwd=cwd, check=True, stdin=subprocess.DEVNULL, capture_output=True)


class Server(http.server.ThreadingHTTPServer):
    """Gives `files` by path, redirects by `moved`, and answers /announce with `peers`."""

    def __init__(self, folder, certificate):
        self.files, self.moved, self.peers, self.announced = {}, {}, b"", []
        super().__init__(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder / f"{certificate}.pem", folder / f"{certificate}.key")
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, address):
        pass  # who does not like our certificate hangs up


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, _, query = self.path.partition("?")
        server = self.server
        if path in server.moved:
            return self.reply(302, b"", Location=server.moved[path])
        if path == "/announce":
            server.announced.append(urllib.parse.parse_qs(query))
            return self.reply(200, b"d8:intervali1800e5:peers%d:%se" % (len(server.peers), server.peers))
        body = server.files.get(path)
        return self.reply(200, body) if body is not None else self.reply(404, b"")

    def reply(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Https(SpateTest):
    def setUp(self):
        super().setUp()
        self.keys = self.folder / "keys"
        self.keys.mkdir()
        self.make_authority("ca")
        self.make_certificate("good", "ca", "DNS:localhost,IP:127.0.0.1")
        self.environment["SSL_CERT_FILE"] = str(self.keys / "ca.pem")

    def make_authority(self, name):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem", cwd=self.keys)

    def make_certificate(self, name, authority, hosts):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-keyout", f"{name}.key", "-out", f"{name}.csr", cwd=self.keys)
        (self.keys / f"{name}.ext").write_text(f"subjectAltName={hosts}\n")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
                "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem", cwd=self.keys)

    def serve(self, certificate):
        server = Server(self.keys, certificate)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server, server.server_address[1]

    def torrent_of(self, source, tracker):
        torrent = self.folder / "made.torrent"
        made = self.start("create", source, "-o", torrent, "--tracker", tracker)
        self.assertEqual(made.wait(), 0, made.errors)
        return torrent

    def refused(self, certificate, host="localhost"):
        server, port = self.serve(certificate)
        server.files["/x.torrent"] = b"never seen"
        code, got = self.get(f"https://{host}:{port}/x.torrent", self.folder / "got")
        self.assertEqual(code, 1)
        return got.errors

    def test_a_torrent_and_its_tracker(self):
        source = self.file("source/film.bin", MB)
        shared = self.share(source)
        server, port = self.serve("good")
        server.peers = bytes([127, 0, 0, 1]) + shared.has("listening")[0]["port"].to_bytes(2, "big")
        # The same content, cut as share cuts it, so that the swarm is the same.
        server.files["/dir/film.torrent"] = self.torrent_of(source, f"https://127.0.0.1:{port}/announce").read_bytes()
        server.moved["/old"] = "/dir/film.torrent"
        code, got = self.get(f"https://localhost:{port}/old", self.folder / "got")
        self.assertEqual(code, 0, got.errors)
        self.assertEqual((self.folder / "got/film.bin").read_bytes(), source.read_bytes())
        self.assertTrue(server.announced)

    def test_certificates_that_are_not_accepted(self):
        self.make_authority("stranger")
        self.make_certificate("unknown", "stranger", "DNS:localhost")
        self.assertIn("its certificate is not accepted", self.refused("unknown"))
        self.make_certificate("elsewhere", "ca", "DNS:example.org")
        self.assertIn("hostname mismatch", self.refused("elsewhere"))
        self.assertIn("IP address mismatch", self.refused("elsewhere", "127.0.0.1"))

    def test_a_server_without_tls(self):
        self.assertIn("it does not speak TLS", self.refused(None))

    def test_out_of_tls_it_is_not_led(self):
        server, port = self.serve("good")
        server.moved["/x.torrent"] = "http://127.0.0.1:1/x.torrent"
        code, got = self.get(f"https://localhost:{port}/x.torrent", self.folder / "got")
        self.assertEqual(code, 1)
        self.assertIn("out of https", got.errors)

    def test_what_is_not_there(self):
        _, port = self.serve("good")
        code, got = self.get(f"https://localhost:{port}/x.torrent", self.folder / "got")
        self.assertEqual(code, 1)
        self.assertIn("404", got.errors)


if __name__ == "__main__":
    run_unittest()
