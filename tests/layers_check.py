#!/usr/bin/env python3
"""Holds the tree against src/layers.txt and the house rules that a compiler does not see.

Every #include of one module in another must be allowed by the layer table; the outside world (Asio, clocks, threads,
name look-up) is reached from src/io/linux and the programs only.
"""
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
OUTSIDE_WORLD = re.compile(
    r"#include <boost/asio|steady_clock::now|system_clock::now|random_device|std::j?thread\b"
    r"|getaddrinfo|\bstd::rand\b|\bsrand\(")
FOREIGN_HEADERS = {  # a library's headers are named in one module only; the first row that fits counts
    "openssl/ssl.h": "http_client", "openssl/err.h": "http_client", "openssl/x509v3.h": "http_client",
    "sqlite3.h": "storage", "openssl/": "hash", "CLI/": "apps", "toml++/": "apps", "spdlog/": "base", "boost/beast/": "http", "zlib.h": "http",
}


def layer_table():
    floors, allowed = {}, {}
    for line in (TOP / "src/layers.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        floor, module, *may = line.split()
        floors[module] = int(floor)
        allowed[module] = {m for m in may if m != "-"}
    return floors, allowed


def module_of(path):
    parts = path.relative_to(TOP / "src").parts
    return "io_linux" if parts[:2] == ("io", "linux") else parts[0]


def module_of_include(name):
    return "io_linux" if name.startswith("io/linux/") else name.split("/")[0]


def main():
    problems = []
    floors, allowed = layer_table()
    for module, may in allowed.items():
        for other in may:
            if floors.get(other, 99) >= floors[module]:
                problems.append(f"src/layers.txt: {module} may not include {other}: it is not on a lower floor")
    files = [p for p in (TOP / "src").rglob("*") if p.suffix in {".h", ".cpp"}]
    for path in files:
        module, name = module_of(path), path.relative_to(TOP)
        is_test = path.stem.endswith("_test") or path.stem.startswith("test_")
        text = path.read_text()
        for number, line in enumerate(text.splitlines(), 1):
            where = f"{name}:{number}"
            if match := re.match(r'#include "([^"]+)"', line):
                other = module_of_include(match[1])
                if other in {"tests", "sim"} and is_test:
                    continue  # doubles of the outside world, for tests only
                if other not in allowed:
                    problems.append(f"{where}: {match[1]} is in no module of the layer table")
                elif other != module and other not in allowed.get(module, set()):
                    problems.append(f"{where}: {module} may not include {match[1]} (src/layers.txt)")
            if match := re.match(r"#include <([^>]+)>", line):
                owner = next((o for header, o in FOREIGN_HEADERS.items() if match[1].startswith(header)), module)
                if module != owner and not is_test:
                    problems.append(f"{where}: <{match[1]}> belongs in {owner} only")
            if module not in {"io_linux", "apps"} and OUTSIDE_WORLD.search(line):
                problems.append(f"{where}: the outside world is reached from src/io/linux only: {line.strip()}")
        if path.suffix == ".h" and not text.startswith("//"):
            problems.append(f"{name}: a header opens with what it is")
        if path.suffix == ".h" and "#pragma once" not in text:
            problems.append(f"{name}: no #pragma once")
    sources = [str(p) for folder in ("src", "sim", "fuzz", "bench", "tests")
               for p in (TOP / folder).rglob("*") if p.suffix in {".h", ".cpp"}]
    formatted = subprocess.run(["clang-format-19", "--dry-run", "-Werror", *sources],
                               capture_output=True, text=True, check=False)
    if formatted.returncode != 0:
        bad = sorted(set(re.findall(r"^(\S+?):\d+", formatted.stderr, re.M)))
        problems += [f"{Path(b).relative_to(TOP)}: not formatted (clang-format-19 -i)" for b in bad]
    for problem in problems:
        print(problem)
    print(f"{len(files)} files of {len(allowed)} modules read, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
