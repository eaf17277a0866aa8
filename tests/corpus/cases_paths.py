"""Names, paths, links (threat rows 14 to 22, 25): what hostile names become, by every route a name can take."""

from torrent_builder import LEAF, Ordered, v1_info, v2_torrent

# name in the torrent -> name on disk
NAMES = {
    "dotdot": ("..", "__"), "dot": (".", "_"), "empty": ("", "_"), "slash": ("/", "_"),
    "traversal": ("../../etc/passwd", ".._.._etc_passwd"), "absolute": ("/etc/passwd", "_etc_passwd"),
    "backslash": ("..\\..\\boot.ini", ".._.._boot.ini"), "nul": ("a\0b", "a_b"), "nul_only": ("\0", "_"),
    "drive": ("C:", "C_"), "drive_path": ("c:\\windows", "c:_windows"), "three_dots": ("...", "..."),
    "dotfile": (".bashrc", ".bashrc"), "dots_after": ("a..", "a.."), "blanks": (" a ", " a "),
    "overlong_dot": (b"\xc0\xae\xc0\xae", "____"), "overlong_slash": (b"a\xc0\xafb", "a__b"),
    "overlong_slash_3": (b"a\xe0\x80\xafb", "a___b"), "surrogate": (b"\xed\xa0\x80", "___"),
    "beyond_unicode": (b"\xf4\x90\x80\x80", "____"), "latin1": (b"caf\xe9", "caf_"), "cut_utf8": (b"a\xe2\x82", "a__"),
    "esc": ("\x1b[2Jx", "_[2Jx"), "newline": ("a\nb\rc\td", "a_b_c_d"), "del": ("a\x7f", "a_"), "c1": ("a\u009bb", "a_b"),
    "html": ("<script>alert(1)<", "<script>alert(1)<"), "shell": ("$(touch x);`id` & #", "$(touch x);`id` & #"),
    "reversed": ("a\u202egnp.exe", "a_gnp.exe"), "isolate": ("a\u2066b\u2069", "a_b_"), "line_separator": ("a\u2028b", "a_b"),
    "greek": ("\u0391\u03b8\u03ae\u03bd\u03b1", "\u0391\u03b8\u03ae\u03bd\u03b1"),
    "cjk": ("\u6f22\u5b57.txt", "\u6f22\u5b57.txt"), "emoji": ("\U0001f600.txt", "\U0001f600.txt"),
    "hebrew": ("\u05e9\u05dc\u05d5\u05dd", "\u05e9\u05dc\u05d5\u05dd"), "combining": ("e\u0301", "e\u0301"),
    "con": ("CON", "CON"), "question": ("what?*:", "what?*:"),
    "255_bytes": ("n" * 251 + ".txt", "n" * 251 + ".txt"),
}
STATE_FILES = (".lock", "t.resume", "spate.db", ".spate")


def fnv(text):
    total = 0xcbf29ce484222325
    for byte in text:
        total = (total ^ byte) * 0x100000001b3 % 2**64
    return "%016x" % total


def names():
    for label, (name, clean) in NAMES.items():
        yield f"name_{label}", {"info": v1_info(20000, name=name)}, [clean]
        yield f"path_{label}", {"info": v1_info([([name, "f"], 10), (["g", name], 10)])}, [f"t/{clean}/f", f"t/g/{clean}"]
        if name:  # an empty key in a tree is no name
            yield f"path_v2_{label}", v2_torrent([(["g", name], 5)]), [f"t/g/{clean}"]
    yield "name_folder_dotdot", {"info": v1_info([(["a"], 10)], name="..")}, ["__/a"]
    yield "path_all_dotdot", {"info": v1_info([(["..", "..", "..", "x"], 10)])}, ["t/__/__/__/x"]


def long_names():
    name = "n" * 252 + ".txt"
    clean = "n" * 234 + "~" + fnv(name.encode()) + ".txt"
    yield "path_long_256", {"info": v1_info([([name], 10)])}, None, ["t/" + clean]
    name = "\u6f22" * 100
    clean = "\u6f22" * 79 + "~" + fnv(name.encode())
    yield "path_long_utf8", {"info": v1_info([([name], 10)])}, None, ["t/" + clean]
    yield "path_long_10000", {"info": v1_info([(["m" * 10000], 10)])}, None, ["t/" + "m" * 238 + "~" + fnv(b"m" * 10000)]
    # "t" + 16 folders of 1 + 253 + the file: 4095 and 4096 bytes.
    folders = ["d" * 253] * 16
    yield "path_long_4095", {"info": v1_info([(folders + ["f" * 29], 10)])}, None, None
    yield "path_long_4096", {"info": v1_info([(folders + ["f" * 30], 10)])}, "info.files[0].path", None
    yield "path_long_4096_v2", v2_torrent([(folders + ["f" * 30], 5)]), "info.file tree", None
    yield "path_deep_100", {"info": v1_info([(["d"] * 99 + ["f"], 10)])}, None, None
    yield "path_deep_101", {"info": v1_info([(["d"] * 100 + ["f"], 10)])}, "info.files[0].path", None


def clashes():
    def files(*paths):
        return {"info": v1_info([(p.split("/"), 10) for p in paths])}

    yield "clash_same", files("a.txt", "a.txt", "a.txt"), ["t/a.txt", "t/a.1.txt", "t/a.2.txt"]
    yield "clash_case", files("a", "A", "b"), ["t/a", "t/A.1", "t/b"]
    yield "clash_case_greek", files("\u03b1", "\u0391"), ["t/\u03b1", "t/\u0391.1"]
    yield "clash_case_cyrillic", files("\u0416", "\u0436", "\u0401", "\u0451"), \
        ["t/\u0416", "t/\u0436.1", "t/\u0401", "t/\u0451.1"]
    yield "clash_cleaned", {"info": v1_info([(["a\x01"], 10), (["a_"], 10)])}, ["t/a_", "t/a_.1"]
    yield "clash_number_taken", files("a", "a.1", "a", "a"), ["t/a", "t/a.1", "t/a.2", "t/a.3"]
    yield "clash_number_later", files("a", "a", "a.1"), ["t/a", "t/a.1", "t/a.1.1"]
    yield "clash_file_then_folder", files("a", "a/b", "a/c"), ["t/a", "t/a.1/b", "t/a.1/c"]
    yield "clash_folder_then_file", files("a/b", "a", "a/c"), ["t/a/b", "t/a.1", "t/a/c"]
    yield "clash_folder_case", files("D/x", "d/y", "d/X"), ["t/D/x", "t/D/y", "t/D/X.1"]
    yield "clash_dotfile", files(".x", ".x"), ["t/.x", "t/.x.1"]
    yield "clash_v2_case", v2_torrent([(["A"], 5), (["a"], 5)]), ["t/A", "t/a.1"]
    yield "clash_v2_cleaned", v2_torrent([(["a\x01"], 5), (["a\x02"], 5)]), ["t/a_", "t/a_.1"]
    yield "clash_pad_name", {"info": v1_info([([".pad", "6"], 10), (["x"], 6, {"attr": "p"}), (["y"], 1)])}, \
        ["t/.pad/6", "t/.pad/6", "t/y"]
    yield "clash_state_file", files(*STATE_FILES), ["t/" + name for name in STATE_FILES]
    yield "clash_duplicates_2000", files(*["same"] * 2000), None


def links():
    def files(*entries):
        return {"info": v1_info([(p.split("/"), 10) if t is None else
                                 (p.split("/"), 0, {"attr": "l", "symlink path": t}) for p, t in entries])}

    for name, t, paths in (
            ("file", files(("d/a", None), ("l", ["d", "a"])), ["t/d/a", "t/l"]),
            ("folder", files(("d/a", None), ("l", ["d"])), ["t/d/a", "t/l"]),
            ("missing", files(("a", None), ("l", ["nowhere"])), ["t/a", "t/l"]),
            ("absolute", files(("a", None), ("l", ["", "etc", "passwd"])), ["t/a", "t/l"]),
            ("slashes", files(("a", None), ("l", ["../../etc/passwd"])), ["t/a", "t/l"]),
            ("loop", files(("a", None), ("l", ["m"]), ("m", ["l"])), ["t/a", "t/l", "t/m"]),
            ("self", files(("a", None), ("l", ["l"])), ["t/a", "t/l"]),
            ("chain", files(("a", None), ("l1", ["a"]), ("l2", ["l1"]), ("l3", ["l2"])), None),
            ("chain_40", files(("a", None), *[("l%d" % i, ["l%d" % (i - 1)] if i else ["a"]) for i in range(40)]), None),
            ("around_itself", files(("d/a", None), ("d/e/l", ["d"])), None),
            ("written_through", files(("a", None), ("l", ["a"]), ("l/x", None)), ["t/a", "t/l", "t/l.1/x"]),
            ("v2", v2_torrent([(["a"], 5), (["l"], 0, {"attr": "l", "symlink path": ["a"]})]), ["t/a", "t/l"]),
    ):
        yield f"link_{name}", t, None, paths
    no_length = files(("a", None), ("l", ["a"]))
    del no_length["info"]["files"][1]["length"]
    yield "link_without_length", no_length, None, ["t/a", "t/l"]
    key = "info.files[1].symlink path"
    yield "link_dotdot", files(("a", None), ("l", ["..", "x"])), key, None
    yield "link_dotdot_inside", files(("a", None), ("l", ["d", "..", "a"])), key, None
    yield "link_empty", files(("a", None), ("l", [])), key, None
    yield "link_of_int", files(("a", None), ("l", [7])), key, None
    yield "link_string", files(("a", None), ("l", "a")), key, None
    yield "link_no_target", {"info": v1_info([(["a"], 10), (["l"], 0, {"attr": "l"})])}, key, None
    yield "link_with_bytes", {"info": v1_info([(["a"], 10), (["l"], 5, {"attr": "l", "symlink path": ["a"]})])}, \
        "info.files[1].length", None
    yield "link_and_pad", {"info": v1_info([(["a"], 10), (["l"], 0, {"attr": "lp", "symlink path": ["a"]})])}, \
        "info.files[1].attr", None
    yield "link_v2_dotdot", v2_torrent([(["a"], 5), (["l"], 0, {"attr": "l", "symlink path": [".."]})]), \
        "info.file tree", None


def cases():
    for name, t, paths in [*names(), *clashes()]:
        yield name, t, None, paths
    yield from long_names()
    yield from links()
