"""What is moved: a file or a folder of random bytes, its torrent in every version, and the comparison at the end."""
import hashlib
import random
from pathlib import Path
from urllib.parse import quote

import libtorrent as lt

PIECE = 32 << 10
FILE_SIZE = 40 * PIECE + 1234
TREE = {"readme.txt": 1234, "empty": 0, "sub/exact piece": PIECE, "sub/deeper/large": 23 * PIECE + 777,
        "sub/deeper/block": 16 << 10, "straße.txt": 40_000, "z last": 9 * PIECE - 3}
FLAGS = {"v1": lt.create_torrent.v1_only, "v2": lt.create_torrent.v2_only, "hybrid": 0}


def digests(root):
    """{path below root: SHA-256} of a folder, or {"": SHA-256} of a file; nothing if it is not there."""
    root = Path(root)
    if root.is_file():
        return {"": hashlib.sha256(root.read_bytes()).hexdigest()}
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in root.rglob("*") if path.is_file()}


class Payload:
    """`folder` gets NAME (a file or a folder) in content/. Each has bytes, so an info-hash, of its own."""

    def __init__(self, folder, name, shape, version, size=FILE_SIZE):
        source = random.Random(name)
        self.folder, self.name, self.version = Path(folder), name, version
        self.content = self.folder / "content"
        self.path = self.content / name
        self.content.mkdir(parents=True)
        for file, length in {"": size}.items() if shape == "file" else TREE.items():
            path = self.path / file if file else self.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(source.randbytes(length))
        self.wanted = digests(self.path)
        files = lt.file_storage()
        lt.add_files(files, str(self.path))
        made = lt.create_torrent(files, piece_size=PIECE, flags=FLAGS[version])
        lt.set_piece_hashes(made, str(self.content))
        self.adopt(made.generate())

    def adopt(self, metainfo):
        """The torrent of it that counts, as a dictionary."""
        self.metainfo = {key: value for key, value in metainfo.items() if key not in (b"announce", b"announce-list")}
        self.hashes = lt.torrent_info(lt.bencode(metainfo)).info_hashes()
        self.swarms = [h.to_bytes() for h in self.swarm_hashes()]

    def without_empty_files(self):
        return {name: digest for name, digest in self.wanted.items() if digest != hashlib.sha256().hexdigest()}

    def swarm_hashes(self):
        """What is announced: the v1 hash, and the first 20 bytes of the v2 hash."""
        found = [self.hashes.v1] if self.hashes.has_v1() else []
        return found + ([lt.sha1_hash(self.hashes.v2.to_bytes()[:20])] if self.hashes.has_v2() else [])

    def torrent(self, announce_url):
        """The path of a .torrent that names that tracker alone."""
        path = self.folder / (announce_url.split(":")[0] + ".torrent")
        path.write_bytes(lt.bencode({**self.metainfo, b"announce": announce_url.encode()}))
        return path

    def magnet(self, announce_url):
        topics = [f"xt=urn:btih:{self.hashes.v1}"] if self.hashes.has_v1() else []
        topics += [f"xt=urn:btmh:1220{self.hashes.v2}"] if self.hashes.has_v2() else []
        return "magnet:?" + "&".join([*topics, "dn=" + quote(self.name), "tr=" + quote(announce_url, safe="")])
