"""Hybrid torrents: both halves must say the same (threat row 13)."""

from torrent_builder import LEAF, hybrid_torrent, padded, pieces, v1_info

FILES = [(["a"], 20000), (["d", "b"], 3 * LEAF), (["d", "c"], 100), (["e"], 0), (["f"], 70000)]
LIST = padded(FILES, LEAF)
PATHS = ["t/a", "t/.pad/12768", "t/d/b", "t/d/c", "t/e", "t/.pad/16284", "t/f"]


def with_list(v1_files):
    return hybrid_torrent(FILES, v1_files=v1_files)


def swapped(items, i, j):
    items = list(items)
    items[i], items[j] = items[j], items[i]
    return items


def replaced(i, *file):
    return [*LIST[:i], file, *LIST[i + 1:]]


def good():
    for size in (0, 1, LEAF, LEAF + 1, 70000):
        yield f"hybrid_single_{size}", hybrid_torrent(size), ["t"]
    last_pad = padded(FILES, LEAF, tail=True)
    yield "hybrid_multi", hybrid_torrent(FILES), [p.replace("t/e|", "") for p in PATHS]
    yield "hybrid_tail_pad", hybrid_torrent(FILES, v1_files=last_pad), None
    yield "hybrid_multi_of_one", hybrid_torrent([(["a"], 20000)]), ["t/a"]
    yield "hybrid_aligned_without_pads", hybrid_torrent([(["a"], LEAF), (["b"], 3 * LEAF), (["c"], 1)]), None
    yield "hybrid_piece_len_65536", hybrid_torrent(FILES, 65536), None
    yield "hybrid_private", hybrid_torrent(FILES, private=1), None


def bad():
    disagree = "info.files"
    yield "hybrid_v1_has_more", with_list(LIST + [(["g"], 0)]), disagree
    yield "hybrid_v1_has_less", with_list(LIST[:-1]), disagree
    yield "hybrid_order", with_list(swapped(LIST, 2, 3)), disagree
    yield "hybrid_path", with_list(replaced(2, ["d", "x"], 3 * LEAF)), disagree
    yield "hybrid_path_case", with_list(replaced(0, ["A"], 20000)), disagree
    yield "hybrid_path_depth", with_list(replaced(2, ["b"], 3 * LEAF)), disagree
    yield "hybrid_path_joined", with_list(replaced(2, ["d/b"], 3 * LEAF)), disagree
    yield "hybrid_length", with_list(replaced(2, ["d", "b"], 3 * LEAF - 1)), disagree
    yield "hybrid_length_of_empty", with_list(replaced(4, ["e"], 16284)), disagree
    yield "hybrid_no_pads", with_list(FILES), disagree
    yield "hybrid_pad_short", with_list(replaced(1, [".pad", "1"], 12767, {"attr": "p"})), disagree
    yield "hybrid_pad_long", with_list(replaced(1, [".pad", "1"], 12769, {"attr": "p"})), disagree
    yield "hybrid_pad_no_attr", with_list(replaced(1, [".pad", "12768"], 12768)), disagree
    yield "hybrid_file_marked_pad", with_list(replaced(0, ["a"], 20000, {"attr": "p"})), disagree
    yield "hybrid_link_in_v1_only", with_list(replaced(4, ["e"], 0, {"attr": "l", "symlink path": ["a"]})), disagree
    yield "hybrid_pad_over_a_piece", hybrid_torrent(
        [(["a"], LEAF), (["b"], 5)],
        v1_files=[(["a"], LEAF), ([".pad", "1"], LEAF + 1, {"attr": "p"}), (["b"], 5)]), disagree

    single = hybrid_torrent(20000)
    single["info"]["name"] = "other"
    yield "hybrid_single_name", single, disagree
    single = hybrid_torrent(20000)
    single["info"].update(length=20001)
    yield "hybrid_single_length", single, disagree
    yield "hybrid_single_against_folder", hybrid_torrent([(["t", "t"], 20000)], v1_files=20000), disagree
    several = hybrid_torrent([(["t"], 20000), (["u"], 5)], v1_files=20000)
    yield "hybrid_single_against_two", several, disagree

    yield "hybrid_pieces_one_less", hybrid_torrent(FILES, pieces=pieces(5)), "info.pieces"
    yield "hybrid_piece_len_no_power", dict(hybrid_torrent(20000), info=dict(
        hybrid_torrent(20000)["info"], **{"piece length": 20000})), "info.piece length"
    yield "hybrid_no_file_list", hybrid_torrent(20000, length=None), "info.files"
    yield "hybrid_no_tree", hybrid_torrent(20000, **{"file tree": None}), "info.file tree"
    yield "hybrid_layers_missing", dict(hybrid_torrent(20000), **{"piece layers": {}}), "piece layers"
    both = hybrid_torrent(20000)
    both["info"]["files"] = v1_info(FILES)["files"]
    yield "hybrid_files_and_length", both, disagree


def cases():
    for name, t, paths in good():
        yield name, t, None, paths
    for name, t, reason in bad():
        yield name, t, reason, None
