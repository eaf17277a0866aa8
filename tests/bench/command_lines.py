#!/usr/bin/env python3
"""What the scripts of bench/ say to a command line that asks for nothing, before they build or measure anything."""
import argparse
import os
import subprocess
import sys
import unittest
from pathlib import Path

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))
import machine


def run(name, *words, **more):
    return subprocess.run(["/usr/bin/python3", BENCH / name, *words], capture_output=True, text=True, timeout=60, check=False, **more)


class CommandLines(unittest.TestCase):
    def test_nothing_is_no_measure(self):
        for name, *words in (("transfer", "--rounds", "0"), ("transfer", "--leechers", "0"), ("transfer", "--size", "0"),
                             ("transfer", "--size", "much"), ("transfer", "--only", "spate,nonesuch"), ("transfer", "--only", "limit", "--leechers", "2"),
                             ("swarm", "--rounds", "0"), ("swarm", "--leechers", "0"), ("disk", "--leechers", "0"),
                             ("hashing", "--rounds", "0"), ("far_link", "--megabits", "0"), ("scale", "--shards", "0")):
            ended = run(name, *words)
            self.assertEqual(ended.returncode, 2, (name, words, ended.stderr))
            self.assertRegex(ended.stderr, f"{name}: error: ")
            self.assertNotIn("Traceback", ended.stderr)

    def test_the_programs_can_be_told_apart(self):
        for name in ("transfer", "swarm", "disk"):
            told = run(name, "--help").stdout
            self.assertIn("--only PROGRAM [PROGRAM ...]", told)
            self.assertNotIn("(mmap)", told)

    def test_programs_stand_between_blanks_or_commas(self):
        for words in (("limit", "spate"), ("limit,spate",), ("limit,", "spate")):
            parser = argparse.ArgumentParser()
            machine.choose_programs(parser, ["limit", "spate", "aria2"])
            self.assertEqual(parser.parse_args(["--only", *words]).only, ["limit", "spate"], words)

    def test_programs_that_count_nothing(self):
        for name, *words in (("announce_bench", "--peers", "0"), ("announce_bench", "--announces", "0"), ("tracker_bench", "--requests", "0"),
                             ("tracker_bench", "--entries", "0"), ("tracker_bench", "--idle", "0"), ("swarm_save_bench", "--swarms", "0"),
                             ("swarm_save_bench", "--peers", "0")):
            ended = subprocess.run([machine.BENCH / name, *words], capture_output=True, text=True, timeout=60, check=False)
            self.assertNotEqual(ended.returncode, 0, (name, words))
            self.assertRegex(ended.stdout + ended.stderr, rf"{words[0]}: it must be \d+ or more, not {words[1]}")

    def test_who_may_not_shape_links_is_told(self):
        is_root = os.geteuid() == 0
        nobody = {"user": 65534} if is_root else {}
        if is_root and subprocess.run(["test", "-r", BENCH / "swarm"], check=False, **nobody).returncode != 0:
            self.skipTest("nobody may not read the scripts")
        ended = run("swarm", **nobody)
        self.assertEqual(ended.returncode, 1, ended.stderr)
        self.assertIn("only root", ended.stderr)
        self.assertNotIn("Traceback", ended.stderr)


if __name__ == "__main__":
    unittest.main()
