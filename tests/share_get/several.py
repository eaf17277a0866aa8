#!/usr/bin/env python3
"""One call of `spate share`, `get` and `remove` for several things: each has its own result, and its own end."""
import signal

from share_get import MB, SpateTest, eventually, run_unittest


class Several(SpateTest):
    def share_all(self, *paths, count, **more):
        run = self.start("share", *paths, "--tracker", self.place, **more)
        self.assertTrue(eventually(lambda: len(run.has("published")) == count or run.process.poll() is not None))
        return run

    def test_each_path_is_an_entry_of_its_own(self):
        film = self.file("source/film.bin", MB)
        photo = self.file("source/photos/a.jpg", MB, 2)
        shared = self.share_all(film, photo.parent, film, count=2)
        self.assertEqual({event["name"] for event in shared.has("published")}, {"film.bin", "photos"})
        self.assertEqual(len(shared.has("listening")), 1)
        self.assertEqual(shared.has("failed"), [])
        code, got = self.get("film.bin", self.folder / "got", "photos")
        self.assertEqual(code, 0, got.errors)
        self.assertEqual((self.folder / "got/film.bin").read_bytes(), film.read_bytes())
        self.assertEqual((self.folder / "got/photos/a.jpg").read_bytes(), photo.read_bytes())
        self.assertEqual(shared.end(), 0, shared.errors)

    def test_what_cannot_be_shared_keeps_nothing_else_from_it(self):
        taken = self.share(self.file("source/taken.bin", MB))
        other = self.file("other/taken.bin", 2 * MB, 2)
        good = self.file("source/good.bin", MB, 3)
        same_name = self.file("elsewhere/good.bin", MB, 4)
        shared = self.share_all(self.folder / "nowhere", other, good, same_name, count=1)
        self.assertEqual(shared.has("published")[0]["name"], "good.bin")
        code, got = self.get("good.bin", self.folder / "got")
        self.assertEqual(code, 0, got.errors)
        self.assertEqual((self.folder / "got/good.bin").read_bytes(), good.read_bytes())
        self.assertEqual(shared.end(), 1, shared.errors)
        failures = [event["text"] for event in shared.has("failed")]
        self.assertEqual(len(failures), 3, failures)
        for failure, said in zip(failures, ("nowhere: No such file", "the name is taken", f"{same_name}: another PATH")):
            self.assertIn(said, failure)
        taken.end()

    def test_what_goes_for_one_only_is_refused_for_several(self):
        shared = self.start("share", self.file("a", 10), self.file("b", 10), "--name", "c", "--tracker", self.place)
        self.assertEqual(shared.wait(), 2)
        self.assertIn("--name", shared.errors)

    def test_names_are_removed_each_for_itself(self):
        home = self.folder / "home of the publisher"
        home.mkdir()
        self.file("source/photos/a.jpg", MB)
        self.share_all(self.file("source/film.bin", MB), self.folder / "source/photos", count=2, home=home).end()
        removed = self.start("remove", "film.bin", "nothere", "photos/", "film.bin", "--tracker", self.place, home=home)
        self.assertEqual(removed.wait(), 1)
        self.assertEqual([event["name"] for event in removed.has("removed")], ["film.bin", "photos/"])
        self.assertEqual(len(removed.has("failed")), 1)
        self.assertIn("nothere", removed.errors)
        listed = self.start("list", "--tracker", self.place)
        self.assertEqual(listed.wait(), 0)
        self.assertEqual(listed.events, [])

    def test_a_tracker_that_is_not_there_is_told_once(self):
        files = [self.file(name, 10) for name in ("a", "b", "c")]
        for words in (("remove", "a", "b", "c"), ("share", *files)):
            run = self.start(*words, "--tracker", "127.0.0.1:1")
            self.assertEqual(run.wait(), 1)
            self.assertEqual(len(run.has("failed")), 1, run.errors)
            self.assertIn("connect to 127.0.0.1:1", run.errors)

    def test_a_torrent_past_its_limit_is_served_no_more(self):
        source = self.file("source/film.bin", MB)
        self.share(source)
        got = self.start("get", "film.bin", f"magnet:?xt=urn:btih:{7:040x}", "--tracker", self.place, "-o", self.folder / "got",
                         "--seed-until", "0")
        stopped = {"event": "state", "name": "film.bin", "state": "stopped"}
        self.assertTrue(eventually(lambda: stopped in got.events or got.process.poll() is not None))
        self.assertTrue(eventually(lambda: self.entry("film.bin")["seeds"] == 1))
        self.assertEqual((self.folder / "got/film.bin").read_bytes(), source.read_bytes())
        self.assertIsNone(got.process.poll())
        self.assertEqual(got.end(signal.SIGINT), 130)
        self.assertEqual(got.events.count(stopped), 1)

    def test_without_a_limit_it_is_served_until_the_rest_is_there(self):
        self.share(self.file("source/film.bin", MB))
        got = self.start("get", "film.bin", f"magnet:?xt=urn:btih:{7:040x}", "--tracker", self.place, "-o", self.folder / "got")
        self.assertTrue(eventually(lambda: got.has("finished")))
        self.assertTrue(eventually(lambda: self.entry("film.bin")["seeds"] == 2))
        got.end()

    def test_each_is_shared_until_its_own_limit(self):
        one, two = self.file("source/one.bin", MB), self.file("source/two.bin", MB, 2)
        shared = self.share_all(one, two, count=2)
        shared.end()
        shared = self.start("share", one, two, "--tracker", self.place, "--seed-until", "0.9",
                            home=self.folder / "home 1")
        self.assertTrue(eventually(lambda: len(shared.has("published")) == 2))
        code, got = self.get("one.bin", self.folder / "got")
        self.assertEqual(code, 0, got.errors)
        stopped = {"event": "state", "name": "one.bin", "state": "stopped"}
        self.assertTrue(eventually(lambda: stopped in shared.events))
        self.assertIsNone(shared.process.poll())
        self.assertTrue(eventually(lambda: len(self.peers("one.bin")) == 0))
        code, got = self.get("two.bin", self.folder / "got")
        self.assertEqual(code, 0, got.errors)
        self.assertEqual(shared.wait(), 0, shared.errors)


if __name__ == "__main__":
    run_unittest()
