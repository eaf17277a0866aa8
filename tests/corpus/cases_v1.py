"""v1 torrents: numbers, file lists, trackers (threat rows 3, 4, 5, 6, 10, 20, 25)."""

from torrent_builder import LEAF, Raw, pieces, v1_info

A_B = [(["a"], 10000), (["d", "b"], 30000)]


def torrent(files=20000, outer=None, **more):
    piece_length = more.pop("piece_length", LEAF)
    name = more.pop("name", "t")
    return dict({"info": v1_info(files, piece_length, name, **more)}, **(outer or {}))


def with_key(key, value, files=20000):
    """The info dictionary with one key replaced (None: left out)."""
    t = torrent(files)
    t["info"][key] = value
    if value is None:
        del t["info"][key]
    return t


def good():
    for size in (0, 1, LEAF - 1, LEAF, LEAF + 1, 5 * LEAF, 5 * LEAF + 1):
        yield f"v1_single_{size}", torrent(size), ["t"]
    yield "v1_multi", torrent(A_B), ["t/a", "t/d/b"]
    yield "v1_multi_of_one", torrent([(["a"], 5)]), ["t/a"]
    yield "v1_empty_between", torrent([(["a"], 10), (["b"], 0), (["c"], 0), (["d"], 10)]), ["t/a", "t/b", "t/c", "t/d"]
    yield "v1_empty_first_last", torrent([(["a"], 0), (["b"], 10), (["c"], 0)]), ["t/a", "t/b", "t/c"]
    yield "zero_all_empty", torrent([(["a"], 0), (["b"], 0)]), ["t/a", "t/b"]
    yield "num_piece_len_1", torrent(3, piece_length=1), ["t"]
    yield "num_piece_len_1000", torrent(3001, piece_length=1000), None
    yield "num_piece_len_2_29", torrent(3 * 2**29, piece_length=2**29), None
    for flag in (0, 1, 2):
        yield f"v1_private_{flag}", torrent(private=flag), None
    yield "v1_source", torrent(source="TRACKER"), None
    yield "v1_attr_x", torrent(attr="x"), ["t"]
    yield "v1_attr_all_unknown", torrent([(["a"], 10, {"attr": "hxzq"})]), ["t/a"]
    yield "v1_pad", torrent([(["a"], 100), ([".pad", "16284"], 16284, {"attr": "p"}), (["b"], 5)]), \
        ["t/a", "t/.pad/16284", "t/b"]
    yield "v1_pad_twice_same_path", torrent([(["a"], 6), ([".pad", "2"], 2, {"attr": "p"}), (["b"], 6),
                                             ([".pad", "2"], 2, {"attr": "p"}), (["c"], 1)], piece_length=8), None
    pathless = v1_info([(["a"], 100), (["b"], 16284, {"attr": "p"}), (["c"], 5)])
    del pathless["files"][1]["path"]
    yield "v1_pad_without_path", {"info": pathless}, ["t/a", "t/.pad/16284", "t/c"]
    yield "v1_name_utf8", torrent(name=b"\xc3", **{"name.utf-8": "\u00fc"}), ["\u00fc"]
    yield "v1_path_utf8", torrent([([b"\xff"], 10, {"path.utf-8": ["\u00fc"]})]), ["t/\u00fc"]
    yield "v1_file_tree_ignored", torrent(**{"file tree": 7}), ["t"]
    yield "v1_many_files", torrent([(["f%04d" % i], i) for i in range(500)]), None
    yield "v1_md5sum", torrent([(["a"], 10, {"md5sum": "0" * 32, "sha1": "x" * 20})]), None


def good_outer():
    tiers = [["udp://a:1/announce", "http://b/announce"], ["https://c/announce"]]
    for name, value in {
            "announce": {"announce": "http://a/announce"},
            "announce_int": {"announce": 7},
            "announce_empty": {"announce": ""},
            "announce_control": {"announce": "http://a/\x1b[2J"},
            "announce_list": {"announce": "http://z/", "announce-list": tiers},
            "announce_list_flat": {"announce-list": ["http://a/", "http://b/"]},
            "announce_list_empty": {"announce": "http://z/", "announce-list": [[], []]},
            "announce_list_int": {"announce": "http://z/", "announce-list": 7},
            "announce_list_mixed": {"announce-list": [["http://a/", 7, ["x"]], {"a": "b"}]},
            "announce_list_1001": {"announce-list": [["http://t%d/" % i] for i in range(1001)]},
            "announce_url_2048": {"announce": "http://" + "a" * 2041},
            "announce_url_2049": {"announce": "http://" + "a" * 2042},
            "url_list_string": {"url-list": "http://seed/t"},
            "url_list": {"url-list": ["http://seed/a/", "http://seed/b/"]},
            "url_list_empty": {"url-list": ""},
            "httpseeds": {"httpseeds": ["http://seed/s.php"]},
            "nodes": {"nodes": [["127.0.0.1", 6881], ["router.example", 80]]},
            "nodes_bad": {"nodes": [["a"], ["a", "b"], ["a", 0], ["a", 65536], 7, ["", 1], ["a\0b", 1], ["a", 65535]]},
            "creation_date": {"creation date": 1700000000},
            "creation_date_string": {"creation date": "today"},
            "comment_escape": {"comment": "\x1b]0;owned\x07<script>"},
            "comment_int": {"comment": 1, "created by": []},
            "comment_long": {"comment": "c" * 70000},
    }.items():
        yield f"outer_{name}", torrent(outer=value), ["t"]


def bad_numbers():
    for name, value in {"0": 0, "minus_1": -1, "2_29_and_1": 2**29 + 1, "2_31": 2**31, "2_32": 2**32,
                        "2_63_less_1": 2**63 - 1, "min": -2**63, "string": "16384", "list": [], "missing": None}.items():
        yield f"num_piece_len_{name}", with_key("piece length", value), "info.piece length"
    yield "num_piece_len_2_63", with_key("piece length", 2**63), "byte"
    for name, value in {"minus_1": -1, "min": -2**63, "string": "1"}.items():
        yield f"num_len_{name}", with_key("length", value), "info.length"
    yield "num_len_2_63", with_key("length", 2**63), "byte"
    yield "num_len_1000_digits", with_key("length", Raw(b"i" + b"9" * 1000 + b"e")), "byte"
    yield "num_len_2_63_less_1", with_key("length", 2**63 - 1), "info"
    yield "num_exbibyte", with_key("length", 2**60), "info"
    yield "num_pieces_over_2_22", with_key("length", 2**22 * LEAF + 1), "info.piece length"
    yield "num_pieces_2_22_one_hash", with_key("length", 2**22 * LEAF), "info.pieces"
    for name, sizes in {"2_62": [2**62] * 2, "2_63_less_1": [2**63 - 1] * 3, "and_1": [2**63 - 1, 1],
                        "wraps_to_small": [2**63 - 1, 2**63 - 1, 2]}.items():
        t = torrent([(["f%d" % i], 0) for i in range(len(sizes))], pieces=pieces(1))
        for entry, size in zip(t["info"]["files"], sizes):
            entry["length"] = size
        yield f"num_sum_overflow_{name}", t, "info"
    t = torrent([(["a"], 10), (["b"], 0)])
    t["info"]["files"][1]["length"] = -10
    yield "num_len_negative_second", t, "info.files[1].length"
    for name, value in {"missing": None, "empty": b"", "19": b"x" * 19, "21": b"x" * 21, "39": b"x" * 39,
                        "one_less": pieces(1), "one_more": pieces(3), "int": 7}.items():
        yield f"pieces_{name}", with_key("pieces", value), "info.pieces"
    yield "pieces_for_no_bytes", torrent(0, pieces=pieces(1)), "info.pieces"
    yield "private_string", torrent(private="1"), "info.private"
    yield "source_int", torrent(source=1), "info.source"


def bad_shapes():
    yield "info_list", {"info": []}, "info"
    yield "info_string", {"info": "d4:name1:ae"}, "info"
    yield "info_empty", {"info": {}}, "info.pieces"
    yield "name_missing", with_key("name", None), "info.name"
    yield "name_int", with_key("name", 7), "info.name"
    yield "name_list", with_key("name", ["t"]), "info.name"
    yield "files_and_length", torrent(A_B, length=40000), "info.files"
    yield "files_nor_length", with_key("length", None), "info.files"
    yield "files_empty", torrent([]), "info.files"
    yield "files_string", with_key("files", "a", A_B), "info.files"
    yield "files_dict", with_key("files", {}, A_B), "info.files"
    yield "files_of_int", with_key("files", [7], A_B), "info.files[0]"
    yield "files_of_list", with_key("files", [[]], A_B), "info.files[0]"
    for name, key, value in (("path_missing", "path", None), ("path_empty", "path", []), ("path_string", "path", "b"),
                             ("path_of_int", "path", [7]), ("path_of_list", "path", [["b"]]), ("len_missing", "length", None),
                             ("len_string", "length", "1"), ("attr_int", "attr", 7)):
        t = torrent(A_B)
        t["info"]["files"][1][key] = value
        if value is None:
            del t["info"]["files"][1][key]
        yield f"files_{name}", t, f"info.files[1].{key}"
    yield "attr_only_file_pad", torrent(attr="p"), "info.attr"


def cases():
    for name, t, paths in [*good(), *good_outer()]:
        yield name, t, None, paths
    for name, t, reason in [*bad_numbers(), *bad_shapes()]:
        yield name, t, reason, None
