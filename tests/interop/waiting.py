"""Processes with a log, and waiting for conditions: with a deadline, never for a time."""
import subprocess
import time

PATIENCE = 60  # seconds until a hang is called a failure


class Hung(AssertionError):
    pass


def wait_for(condition, what, patience=PATIENCE, process=None):
    deadline = time.monotonic() + patience
    while not (met := condition()):
        if process is not None and process.ended():
            raise Hung(f"{what}: the program ended with {process.code()}\n{process.tail()}")
        if time.monotonic() > deadline:
            raise Hung(f"not within {patience} s: {what}")
        time.sleep(0.02)
    return met


class Process:
    def __init__(self, command, log, cwd=None, env=None):
        self.log = log
        with open(log, "wb") as out:
            self.process = subprocess.Popen([str(word) for word in command], cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=subprocess.STDOUT)

    def ended(self):
        return self.process.poll() is not None

    def code(self):
        return self.process.returncode

    def tail(self, lines=15):
        try:
            return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])
        except OSError:
            return ""

    def stop(self):
        """Asks it to end; what does not within a few seconds is killed: how others end is not our test."""
        if not self.ended():
            self.process.terminate()
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()
