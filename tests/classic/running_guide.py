#!/usr/bin/env python3
"""The original system's running guide, command by command, in a clean folder: `server` and `client` as separate processes."""
import hashlib
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import BIN, TIMEOUT, TOP, eventually, run_unittest

RECEIVERS = ["./client LIST C6", "./client LIST C7", "./client LIST C8", "./client LIST C9", "./client LIST C10"]
SENDERS = ["./client TRACKER C1", "./client TRACKER C2", "./client TRACKER C3", "./client TRACKER C4",
           "./client TRACKER C5"]
PICTURE = "picture-wallpaper.jpg"


class RunningGuide(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="spate-guide-"))
        self.processes = []
        for program in ("server", "client"):
            (self.folder / program).symlink_to(BIN / program)

    def tearDown(self):
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            process.wait(timeout=TIMEOUT)
            process.stdout.close()
        shutil.rmtree(self.folder)

    def start(self, command):
        process = subprocess.Popen(command.split(), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        self.processes.append(process)
        return process

    def start_server(self, command="./server"):
        server = self.start(command)
        while "listening on" not in (line := server.stdout.readline()):
            self.assertTrue(line, "the server ended")
        return server

    def share_picture(self):
        for number in range(1, 6):
            client = self.folder / f"test_clients/client_{number}"
            client.mkdir(parents=True)
            shutil.copy(TOP / "assets" / PICTURE, client)

    def test_the_guide(self):
        (self.folder / "test_server").mkdir()
        for number in range(6, 11):
            (self.folder / f"test_clients/client_{number}").mkdir(parents=True)
        self.share_picture()
        self.start_server()
        receivers = [self.start(command) for command in RECEIVERS]
        senders = [self.start(command) for command in SENDERS]
        for number, receiver in enumerate(receivers, 6):
            output, _ = receiver.communicate(timeout=60)
            self.assertEqual(receiver.returncode, 0, output)
            self.assertIn(f"I am client_{number}, and I received the file correctly!\n", output)
        original = hashlib.md5((TOP / "assets" / PICTURE).read_bytes()).hexdigest()
        for number in range(6, 11):
            self.assertEqual(hashlib.md5((self.folder / f"test_clients/client_{number}" / PICTURE).read_bytes()).hexdigest(),
                             original)
            self.assertEqual(sorted(p.name for p in (self.folder / f"test_clients/client_{number}").iterdir()), [PICTURE])
        for number, sender in enumerate(senders, 1):
            self.assertIsNone(sender.poll(), "a sender runs until interrupted")
            sender.terminate()
            output, _ = sender.communicate(timeout=TIMEOUT)
            self.assertEqual(sender.returncode, 0, output)
            first = 20 * (number - 1)
            for part in range(4):
                self.assertIn(f"I am client_{number}, and I am advertising the following chunk of the file: "
                              f"{first + 5 * part + 1}% to {first + 5 * part + 5}%\n", output)
        track = (self.folder / f"test_server/{PICTURE}.track").read_text()
        self.assertIn(f"Filename: {PICTURE}\n", track)
        self.assertIn(f"MD5: {original}\n", track)

    def test_folders_are_made_and_any_number_works(self):
        self.share_picture()
        self.start_server()
        receiver = self.start("./client LIST C42 --interval 0.1")
        for command in SENDERS:
            self.start(command + " --interval 0.1")
        output, _ = receiver.communicate(timeout=60)
        self.assertEqual(receiver.returncode, 0, output)
        self.assertIn("I am client_42, and I received the file correctly!", output)
        self.assertTrue((self.folder / f"test_clients/client_42/{PICTURE}").exists())

    def test_a_sender_without_the_file_says_so(self):
        self.start_server()
        sender = self.start("./client TRACKER C1")
        output, _ = sender.communicate(timeout=TIMEOUT)
        self.assertEqual(sender.returncode, 1)
        self.assertIn("test_clients/client_1", output)
        self.assertIn(PICTURE, output)

    def test_server_with_its_config_file(self):
        (self.folder / "sconfig").write_text("# the tracker\n3456\ntracker files\n")
        self.share_picture()
        self.start_server("./server sconfig")
        sender = self.start("./client TRACKER C1 --senders 1 --interval 0.1 --once")
        receiver = self.start("./client LIST C6 --interval 0.1")
        self.assertEqual(receiver.wait(timeout=60), 0)
        self.assertEqual(sender.wait(timeout=60), 0)
        track = self.folder / f"tracker files/{PICTURE}.track"
        self.assertTrue(eventually(track.exists), "the view follows the reply, half a second later at the earliest")

    def test_wrong_command_lines(self):
        for command, word in (("./client", "MODE"), ("./client LIST", "CLIENT"), ("./client FETCH C1", "FETCH"),
                              ("./client LIST 6", "C6"), ("./client LIST C0", "C0"), ("./client LIST C6 --tracker :1", ":1"),
                              ("./server a b", "--help")):
            process = self.start(command)
            output, _ = process.communicate(timeout=TIMEOUT)
            self.assertEqual(process.returncode, 2, command)
            self.assertIn(word, output)
        missing = self.start("./server sconfig")
        output, _ = missing.communicate(timeout=TIMEOUT)
        self.assertEqual(missing.returncode, 1)
        self.assertIn("sconfig", output)


if __name__ == "__main__":
    run_unittest()
