"""Bencode and torrents for the corpus, good or broken on purpose. No data is read: v1 piece hashes are made up, v2 trees
are computed over made-up leaf hashes."""

import hashlib

LEAF = 16384


class Raw(bytes):
    """Already encoded; goes in as it is."""


class Ordered(list):
    """A dictionary as a list of (key, value), written in this order, twice if given twice."""


def encode(value):
    if isinstance(value, Raw):
        return bytes(value)
    if isinstance(value, bool):
        raise TypeError(value)
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, Ordered):
        return b"d" + b"".join(encode(k) + encode(v) for k, v in value) + b"e"
    if isinstance(value, (list, tuple)):
        return b"l" + b"".join(map(encode, value)) + b"e"
    items = sorted((k.encode() if isinstance(k, str) else k, v) for k, v in value.items())
    return b"d" + b"".join(encode(k) + encode(v) for k, v in items) + b"e"


def pieces(count, seed=b"piece"):
    return b"".join(hashlib.sha1(seed + b"%d" % i).digest() for i in range(count))


def units(size, unit):
    return -(-size // unit)


def parent(a, b):
    return hashlib.sha256(a + b).digest()


def tree(size, piece_length, seed):
    """(root, piece layer) of a file of made-up leaves; the layer is empty for a file of at most one piece."""
    if size == 0:
        return b"", []
    layer = [hashlib.sha256(seed + b"%d" % i).digest() for i in range(units(size, LEAF))]
    pad = bytes(32)
    height_bytes = LEAF
    pieces_layer = layer if piece_length == LEAF and size > piece_length else []
    while len(layer) > 1 or (size > piece_length and height_bytes < piece_length):
        if len(layer) % 2:
            layer = layer + [pad]
        layer = [parent(layer[i], layer[i + 1]) for i in range(0, len(layer), 2)]
        pad = parent(pad, pad)
        height_bytes *= 2
        if height_bytes == piece_length and size > piece_length:
            pieces_layer = layer
    return layer[0], pieces_layer


def v1_info(files, piece_length=LEAF, name="t", **more):
    """files: an int (single file), or [(path list, size)] or [(path, size, more keys)]."""
    total = files if isinstance(files, int) else sum(f[1] for f in files)
    info = {"name": name, "piece length": piece_length,
            "pieces": pieces(units(total, piece_length) if piece_length > 0 else 1)}
    if isinstance(files, int):
        info["length"] = files
    else:
        info["files"] = [dict({"length": f[1], "path": list(f[0])}, **(f[2] if len(f) > 2 else {})) for f in files]
    info.update(more)
    return without_none(info)


def without_none(info):
    return {k: v for k, v in info.items() if v is not None}


def file_entry(size, root, more=None):
    entry = {"length": size}
    if size:
        entry["pieces root"] = root
    entry.update(more or {})
    return {"": without_none(entry)}


def v2_parts(files, piece_length=LEAF):
    """(file tree, piece layers) for [(path, size)] or [(path, size, more keys)]."""
    root_dict, layers = {}, {}
    for f in files:
        path, size = f[0], f[1]
        root, layer = tree(size, piece_length, repr(path).encode())
        at = root_dict
        for part in path[:-1]:
            at = at.setdefault(part, {})
        at[path[-1]] = file_entry(size, root, f[2] if len(f) > 2 else None)
        if layer:
            layers[root] = b"".join(layer)
    return root_dict, layers


def v2_torrent(files, piece_length=LEAF, name="t", outer=None, **more):
    file_tree, layers = v2_parts(files, piece_length)
    info = {"file tree": file_tree, "meta version": 2, "name": name, "piece length": piece_length}
    info.update(more)
    return without_none(dict({"info": without_none(info), "piece layers": layers}, **(outer or {})))


def padded(files, piece_length, tail=False):
    out, end = [], 0
    for f in files:
        if f[1] and end % piece_length:
            pad = piece_length - end % piece_length
            out.append(([".pad", str(pad)], pad, {"attr": "p"}))
            end += pad
        out.append(f)
        end += f[1]
    if tail and end % piece_length:
        pad = piece_length - end % piece_length
        out.append(([".pad", str(pad)], pad, {"attr": "p"}))
    return out


def hybrid_torrent(files, piece_length=LEAF, name="t", v1_files=None, tail=False, **more):
    """files: an int for a single file of that name, or a list, in tree order. v1_files: the v1 list, if it is to differ."""
    single = isinstance(files, int)
    tree_files = [([name], files)] if single else files
    torrent = v2_torrent(tree_files, piece_length, name)
    v1 = v1_files if v1_files is not None else files if single else padded(files, piece_length, tail)
    torrent["info"] = dict(v1_info(v1, piece_length, name), **torrent["info"])
    torrent["info"].update(more)
    torrent["info"] = without_none(torrent["info"])
    return torrent


def info_span(data):
    """The raw bytes of the value of the last top-level key "info" of a well-formed torrent."""
    at, found = 1, None
    while data[at:at + 1] != b"e":
        end = skip(data, at)
        value_end = skip(data, end)
        if data[at:end] == b"4:info":
            found = data[end:value_end]
        at = value_end
    return found


def skip(data, at):
    depth = 0
    while True:
        c = data[at:at + 1]
        if c in b"ld" and c:
            depth, at = depth + 1, at + 1
        elif c == b"e":
            depth, at = depth - 1, at + 1
        elif c == b"i":
            at = data.index(b"e", at) + 1
        else:
            colon = data.index(b":", at)
            at = colon + 1 + int(data[at:colon])
        if depth == 0:
            return at
