"""v2 torrents: trees, roots, piece layers (threat rows 1, 4, 7, 10, 48, 49; BEP 52)."""

from torrent_builder import LEAF, Ordered, v2_parts, v2_torrent

BIG = [(["a"], 5 * LEAF), (["d", "b"], 3 * LEAF + 1), (["d", "c"], 100)]


def changed(**more):
    t = v2_torrent(BIG)
    t["info"].update(more)
    t["info"] = {k: v for k, v in t["info"].items() if v is not None}
    return t


def with_tree(tree):
    return changed(**{"file tree": tree})


def with_entry(**entry):
    """A tree of one file d/f whose properties are changed."""
    t = v2_torrent([(["d", "f"], 100)])
    properties = t["info"]["file tree"]["d"]["f"][""]
    for key, value in entry.items():
        key = key.replace("_", " ")
        properties[key] = value
        if value is None:
            del properties[key]
    return t


def with_layers(change):
    t = v2_torrent(BIG)
    change(t["piece layers"], sorted(t["piece layers"], key=lambda k: len(t["piece layers"][k])))
    return t


def good():
    for size in (0, 1, LEAF, LEAF + 1, 2 * LEAF, 3 * LEAF + 5, 33 * LEAF):
        yield f"v2_single_{size}", v2_torrent([(["t"], size)]), ["t"]
    yield "v2_single_other_name", v2_torrent([(["file"], 5)]), ["file"]
    yield "v2_multi", v2_torrent(BIG), ["t/a", "t/d/b", "t/d/c"]
    yield "v2_one_in_folder", v2_torrent([(["d", "a"], 5)]), ["t/d/a"]
    for piece_length in (2 * LEAF, 8 * LEAF, 2**20, 2**29):
        yield f"v2_piece_len_{piece_length}", v2_torrent(
            [(["a"], 8 * LEAF), (["b"], 8 * LEAF + 1), (["c"], 70 * LEAF + 9)], piece_length), None
    yield "v2_empty_files", v2_torrent([(["a"], 0), (["b"], 5), (["c"], 0), (["d"], 5), (["e"], 0)]), None
    yield "v2_all_empty", v2_torrent([(["a"], 0), (["b"], 0)]), ["t/a", "t/b"]
    tree, layers = v2_parts([(["a"], 5 * LEAF)])
    tree["b"] = tree["a"]
    yield "v2_equal_files", {"info": {"file tree": tree, "meta version": 2, "name": "t", "piece length": LEAF},
                             "piece layers": layers}, ["t/a", "t/b"]
    yield "v2_root_on_empty_file", with_entry(length=0, pieces_root=b"x" * 32), ["t/d/f"]
    yield "v2_layers_absent_not_needed", v2_torrent([(["a"], 5)], outer={"piece layers": None}), ["a"]
    yield "v2_layer_of_no_file", with_layers(lambda l, k: l.update({b"n" * 32: b"y" * 32})), ["t/a", "t/d/b", "t/d/c"]
    yield "v2_attr", v2_torrent([(["a"], 5, {"attr": "xh"})]), ["a"]
    yield "v2_private", v2_torrent(BIG, private=1), None
    deep = [(["d%d" % i for i in range(90)] + ["f"], 5)]
    yield "v2_deep_90", v2_torrent(deep), None
    yield "v2_unsorted_info", {"info": Ordered(reversed(sorted(v2_torrent([(["a"], 5)])["info"].items())))}, ["a"]
    yield "v2_bytes_order", v2_torrent([(["B"], 5), (["a"], 5), (["a", "x"][:1] + ["z"], 5)][:2]), ["t/B", "t/a"]
    yield "v2_key_order_dash_slash", v2_torrent([(["a-b"], 5), (["a", "b"], 5)]), ["t/a/b", "t/a-b"]


def bad_info():
    for name, value in {"0": 0, "1": 1, "3": 3, "minus_1": -1, "string": "2"}.items():
        yield f"v2_meta_version_{name}", changed(**{"meta version": value}), "info.meta version"
    yield "v2_meta_version_missing", changed(**{"meta version": None}), "info.pieces"
    for name, value in {"0": 0, "8192": 8192, "16383": 16383, "16385": 16385, "24576": 24576, "minus": -16384,
                        "2_30": 2**30, "2_62": 2**62}.items():
        yield f"v2_piece_len_bad_{name}", changed(**{"piece length": value}), "info.piece length"
    yield "v2_length_without_pieces", changed(length=5), "info.pieces"
    yield "v2_files_without_pieces", changed(files=[]), "info.pieces"
    yield "v2_tree_missing", changed(**{"file tree": None}), "info.file tree"
    yield "v2_num_exbibyte", with_entry(length=2**60), "info"
    yield "v2_num_pieces_over_2_22", with_entry(length=2**22 * LEAF + 1), "info.piece length"


def bad_tree():
    leaf = {"": {"length": 5, "pieces root": b"r" * 32}}
    for name, tree in {
            "string": "a", "list": [], "empty": {}, "empty_folder": {"a": {}}, "empty_folder_deep": {"a": {"b": {}}, "c": leaf},
            "root_is_file": leaf, "file_and_folder": {"a": dict(leaf, b=leaf)}, "folder_properties": {"a": {"": {}, "b": leaf}},
            "int": {"a": 7}, "string_entry": {"a": "b"}, "properties_string": {"a": {"": "x"}},
            "unsorted": Ordered([("b", leaf), ("a", leaf)]), "unsorted_deep": {"d": Ordered([("b", leaf), ("a", leaf)])},
    }.items():
        yield f"v2_tree_{name}", with_tree(tree), "info.file tree"
    yield "v2_tree_duplicate", with_tree(Ordered([("a", leaf), ("a", leaf)])), "byte"
    for name, entry in {
            "len_missing": {"length": None}, "len_minus_1": {"length": -1}, "len_string": {"length": "5"},
            "root_missing": {"pieces_root": None}, "root_31": {"pieces_root": b"r" * 31}, "root_33": {"pieces_root": b"r" * 33},
            "root_int": {"pieces_root": 7}, "root_empty": {"pieces_root": b""}, "zero_root": {"pieces_root": bytes(32)},
            "attr_int": {"attr": 7}, "pad": {"attr": "p"},
    }.items():
        yield f"v2_{name}", with_entry(**entry), "info.file tree"
    deep = [(["d"] * 100 + ["f"], 5)]
    yield "v2_deep_recursion", v2_torrent(deep), "byte"


def bad_layers():
    def put(key_index, change):
        def apply(layers, keys):
            key = keys[key_index]
            layers[key] = change(layers[key])
        return with_layers(apply)

    yield "v2_layer_missing_one", with_layers(lambda l, k: l.pop(k[0])), "piece layers"
    yield "v2_layers_missing", v2_torrent(BIG, outer={"piece layers": None}), "piece layers"
    yield "v2_layers_list", v2_torrent(BIG, outer={"piece layers": []}), "piece layers"
    yield "v2_layers_empty", v2_torrent(BIG, outer={"piece layers": {}}), "piece layers"
    yield "v2_layer_int", put(0, lambda l: 7), "piece layers"
    yield "v2_layer_empty", put(0, lambda l: b""), "piece layers"
    yield "v2_layer_short", put(0, lambda l: l[:-32]), "piece layers"
    yield "v2_layer_long", put(0, lambda l: l + bytes(32)), "piece layers"
    yield "v2_layer_cut", put(0, lambda l: l[:-1]), "piece layers"
    yield "v2_layer_flipped_bit", put(1, lambda l: l[:40] + bytes([l[40] ^ 1]) + l[41:]), "piece layers"
    yield "v2_layer_swapped", put(1, lambda l: l[32:64] + l[:32] + l[64:]), "piece layers"
    yield "v2_layer_zeros", put(1, lambda l: bytes(len(l))), "piece layers"
    yield "v2_layer_root_itself", with_layers(lambda l, k: l.update({k[0]: k[0]})), "piece layers"
    yield "v2_layer_key_31", with_layers(lambda l, k: l.update({b"x" * 31: b"y" * 32})), "piece layers"
    yield "v2_layer_key_empty", with_layers(lambda l, k: l.update({b"": b"y" * 32})), "piece layers"
    t = v2_torrent([(["a"], 16 * LEAF)], 4 * LEAF)
    root, = t["piece layers"]
    # The right hashes of the wrong layer: the leaves lead to the root too.
    leaves = v2_parts([(["a"], 16 * LEAF)], LEAF)[1]
    yield "v2_layer_wrong_height", dict(t, **{"piece layers": leaves}), "piece layers"
    # One root, two lengths: one of them must be a lie.
    tree, layers = v2_parts([(["a"], 5 * LEAF)])
    tree["b"] = {"": {"length": 6 * LEAF, "pieces root": next(iter(layers))}}
    yield "v2_root_of_two_lengths", {"info": {"file tree": tree, "meta version": 2, "name": "t", "piece length": LEAF},
                                     "piece layers": layers}, "piece layers"


def cases():
    for name, t, paths in good():
        yield name, t, None, paths
    for name, t, reason in [*bad_info(), *bad_tree(), *bad_layers()]:
        yield name, t, reason, None
