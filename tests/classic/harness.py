"""What the black-box tests of the classic system share: programs started on free ports, raw sockets, fake peers."""
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("SPATE_BIN", TOP / "build/bin"))
TIMEOUT = 20  # seconds until a hang is called a failure; nothing waits for it when all is well


def md5(data):
    return hashlib.md5(data).hexdigest()


def eventually(condition):
    """Whether `condition` comes true before a hang would be called a failure: for what follows a reply a moment later."""
    deadline = time.monotonic() + TIMEOUT
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return met


class Program:
    """A program of ours; its JSON events are read as they come."""

    def __init__(self, *args, cwd=None, env=None):
        self.process = subprocess.Popen([str(a) for a in args], cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def event(self, name):
        """The next JSON event of that name; others are passed over."""
        while line := self.process.stdout.readline():
            found = json.loads(line)
            if found["event"] == name:
                return found
        raise AssertionError(f"no event {name}: {self.process.stderr.read()}")

    def kill(self):
        self.process.kill()
        self.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        out, err = self.process.communicate(timeout=TIMEOUT)
        return self.process.returncode, out, err


class Tracker(Program):
    def __init__(self, state, *args, port=0):
        super().__init__(BIN / "spate", "tracker", "--json", "--listen", f"127.0.0.1:{port}", "--state", state, *args)
        self.port = int(self.event("listening")["endpoint"].rsplit(":", 1)[1])
        # The pipe must not fill up while a test does something else.
        self.events = []
        self.more_events = threading.Condition()
        self.reader = threading.Thread(target=self.read_events, daemon=True)
        self.reader.start()

    def read_events(self):
        for line in self.process.stdout:
            with self.more_events:
                self.events.append(json.loads(line))
                self.more_events.notify_all()

    def outcome(self, request):
        """How the last request that starts so was answered, once the tracker has said it."""
        def found():
            return [e["outcome"] for e in self.events if e["event"] == "answered" and e["request"].startswith(request)]
        with self.more_events:
            assert self.more_events.wait_for(found, TIMEOUT), self.events
            return found()[-1]

    def wait(self):
        self.process.wait(timeout=TIMEOUT)
        self.reader.join(timeout=TIMEOUT)
        err = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        return self.process.returncode, "", err

    def connect(self, source="127.0.0.1"):
        return socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT, source_address=(source, 0))

    def ask(self, request, source="127.0.0.1"):
        """One request, one reply, read until the tracker closes."""
        with self.connect(source) as link:
            link.sendall(request if isinstance(request, bytes) else request.encode())
            return read_all(link).decode("utf-8", "surrogateescape")

    def create(self, name, size=10_000, description="a_file", checksum="0" * 32, host="127.0.0.1", port=1):
        return self.ask(f"<createtracker {name} {size} {description} {checksum} {host} {port}>\n")

    def update(self, name, start, end, host="127.0.0.1", port=1):
        return self.ask(f"<updatetracker {name} {start} {end} {host} {port}>\n")

    def peers(self, name):
        """The peer lines of an entry's tracker file, as [host, port, start, end, time]."""
        text = self.ask(f"<GET {name}.track >\n")
        return [line.rsplit(":", 4) for line in text.splitlines()
                if line.count(":") >= 4 and not line.startswith("#")]


def read_all(link):
    data = b""
    while part := link.recv(65536):
        data += part
    return data


class RequestServer:
    """Listens on a free port; a connection is one request, given to `take(request, link)` in a thread of its own."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve_one, args=(link,), daemon=True).start()

    def serve_one(self, link):
        with link:
            link.settimeout(TIMEOUT)
            try:
                self.take(link.recv(4096), link)
            except OSError:
                pass

    def close(self):
        self.listener.close()


class FakePeer(RequestServer):
    """Serves inclusive <GET name start end> requests out of `data`; `answer` may be replaced to misbehave."""

    def __init__(self, data=b"", answer=None):
        self.data = data
        self.answer = answer or self.honest
        self.requests = []
        super().__init__()

    def take(self, request, link):
        self.requests.append(request)
        self.answer(request, link)

    def honest(self, request, link):
        words = request.strip(b"<>\r\n ").split()
        if len(words) == 4 and words[0] == b"GET" and words[2].isdigit() and words[3].isdigit():
            link.sendall(self.data[int(words[2]):int(words[3]) + 1])
        else:
            link.sendall(b"<GET invalid>\n")


def run_unittest():
    import unittest
    program = unittest.main(module="__main__", exit=False, argv=[sys.argv[0], *sys.argv[1:]])
    if program.result.testsRun == 0:
        sys.exit("no test ran")
    sys.exit(not program.result.wasSuccessful())
