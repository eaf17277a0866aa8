"""Bencode: nesting, lengths, numbers, keys, ends (threat rows 1, 2, 3, 7, 8, 9). Each yields name, torrent, reason, paths."""

from torrent_builder import Ordered, Raw, encode, pieces, v1_info


def outer(**more):
    return dict({"info": v1_info(20000)}, **more)


def nested(depth):
    """A torrent with `depth` containers open at once at its deepest."""
    lists = depth - 1
    return outer(x=Raw(b"l" * lists + b"e" * lists))


def cases():
    yield "enc_depth_100", nested(100), None, None
    yield "enc_depth_101", nested(101), "byte", None
    yield "enc_depth_5000", nested(5000), "byte", None
    yield "enc_depth_unclosed", b"l" * 4000, "byte", None
    yield "enc_depth_dict_unclosed", b"d1:a" * 2000, "byte", None

    for name, number in {"2_64_less_1": 2**64 - 1, "2_64": 2**64, "2_63": 2**63, "2_32": 2**32, "left_and_1": 4}.items():
        yield f"enc_string_{name}", b"d4:infod4:name" + b"%d:abc" % number, "byte", None
    yield "enc_string_1000_digits", b"d4:info" + b"9" * 1000 + b":ab", "byte", None
    yield "enc_string_negative", b"d4:info-1:abce", "byte", None
    yield "enc_string_no_colon", b"d4:info33", "byte", None
    yield "enc_string_leading_zero", encode(outer(x=Raw(b"03:abc"))), "byte", None

    for name, text in {"leading_zero": b"i03e", "minus_zero": b"i-0e", "empty": b"ie", "plus": b"i+1e", "minus": b"i-e",
                       "two_minus": b"i--1e", "blank": b"i 1e", "fraction": b"i1.5e", "2_63": b"i%de" % 2**63,
                       "below_int64": b"i%de" % (-2**63 - 1), "1000_digits": b"i" + b"1" * 1000 + b"e",
                       "hex": b"i0x1e"}.items():
        yield f"enc_int_{name}", encode(outer(x=Raw(text))), "byte", None
    yield "enc_int_unclosed", b"d4:infoi1", "byte", None
    yield "enc_int_max", outer(x=2**63 - 1), None, None
    yield "enc_int_min", outer(x=-2**63), None, None

    yield "enc_empty_file", b"", "byte", None
    yield "enc_only_end", b"e", "byte", None
    yield "enc_html", b"<html>no torrent</html>", "byte", None
    yield "enc_root_list", b"le", "torrent", None
    yield "enc_root_int", b"i1e", "torrent", None
    yield "enc_empty_dict", b"de", "info", None
    yield "enc_int_key", b"di1e1:ae", "byte", None
    yield "enc_list_key", b"dle1:ae", "byte", None
    yield "enc_key_without_value", b"d1:ae", "byte", None
    good = encode(outer())
    yield "enc_cut_by_1", good[:-1], "byte", None
    yield "enc_cut_in_half", good[:len(good) // 2], "byte", None
    yield "enc_trailing_newline", good + b"\n", None, None
    yield "enc_trailing_torrent", good + good, None, None

    info = v1_info(20000)
    items = sorted(info.items())
    yield "dup_info", Ordered([("info", info), ("info", v1_info(20000, name="u"))]), "byte", None
    yield "dup_name", Ordered([("info", Ordered(items[:2] + [("name", "u")] + items[2:]))]), "byte", None
    yield "dup_pieces_key", Ordered([("info", Ordered(items + [("pieces", pieces(2, b"other"))]))]), "byte", None
    yield "dup_apart", Ordered([("info", Ordered([("name", "a")] + items))]), "byte", None
    yield "dup_outer", Ordered([("announce", "http://a/"), ("announce", "http://b/"), ("info", info)]), "byte", None
    yield "dup_deep", outer(x=[Ordered([("a", 1), ("a", 1)])]), "byte", None

    # Unsorted dictionaries are common: the info-hash is that of the bytes as they are.
    yield "unsorted_reversed", {"info": Ordered(reversed(items))}, None, None
    yield "unsorted_name_last", {"info": Ordered(items[:1] + items[2:] + items[1:2])}, None, None
    yield "unsorted_pieces_first", {"info": Ordered(items[-1:] + items[:-1])}, None, None
    yield "unsorted_unknown_last", {"info": Ordered(items + [("a", 1)])}, None, None
    yield "unsorted_outer", Ordered([("info", info), ("announce", "http://a/")]), None, None
    entry = Ordered([("path", ["f"]), ("length", 20000)])
    yield "unsorted_file_entry", {"info": dict(v1_info([], pieces=pieces(2)), files=[entry])}, None, ["t/f"]
    yield "unknown_keys", outer(zzz={"a": [1, "x", {}]}, info=v1_info(20000, **{"x_unknown": [[], {}], "": 1})), None, None
    yield "key_with_nul", outer(info=v1_info(20000, **{"a\0b": 1})), None, None
    yield "many_tokens", outer(x=[0] * 20000), None, None
