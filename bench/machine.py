"""What every bench needs: its programs built, files of its own, and one line that says where the figures come from."""
import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
BIN = Path(os.environ.get("SPATE_BIN", TOP / "build/bin"))
BENCH = Path(os.environ.get("SPATE_BENCH", TOP / "build/bench"))
sys.path.insert(0, str(TOP / "tests/interop"))

# How to ask a program for its version.
VERSIONS = {
    "aria2": (["aria2c", "--version"], r"aria2 version (\S+)"),
    "libtorrent": (["/usr/bin/python3", "-c", "import libtorrent; print(libtorrent.__version__)"], r"(\S+)"),
    "mktorrent": (["mktorrent", "-h"], r"mktorrent (\S+)"),
    "openssl": (["openssl", "version"], r"OpenSSL (\S+)"),
    "rtorrent": (["rtorrent", "-h"], r"version (\d\S*?)\.?\s"),
    "transmission": (["transmission-daemon", "--version"], r"transmission-daemon (\S+)"),
}


def build(*targets):
    """Builds these of the project's programs into build/, which must be a Release build; does nothing where SPATE_BIN or SPATE_BENCH say
    where they are."""
    if "SPATE_BIN" in os.environ or "SPATE_BENCH" in os.environ:
        return
    commands = [["cmake", "--build", "build", "--target", *targets]]
    if not (TOP / "build/build.ninja").exists():
        commands.insert(0, ["cmake", "--preset", "release"])
    for command in commands:
        if subprocess.run(command, cwd=TOP, stdout=sys.stderr, check=False).returncode != 0:
            sys.exit(f"{Path(sys.argv[0]).name}: '{' '.join(command)}' failed; './setup test' installs what it needs")
    kind = re.search(r"^CMAKE_BUILD_TYPE:\w+=(.*)$", (TOP / "build/CMakeCache.txt").read_text(), re.M)
    if not kind or kind[1] != "Release":
        sys.exit(f"{Path(sys.argv[0]).name}: build/ is a build of type '{kind[1] if kind else ''}', whose figures say nothing: "
                 "'cmake --preset release', or SPATE_BIN and SPATE_BENCH for the folders of another build")


def output(command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=TOP, check=False).stdout
    except OSError:
        return ""


def congestion_control():
    """Of TCP, as the connections of this namespace get it."""
    file = Path("/proc/sys/net/ipv4/tcp_congestion_control")
    return file.read_text().strip() if file.exists() else "unknown"


def about(*rivals):
    """One line: the machine, the kernel, our version and commit, the versions of the programs beside it."""
    cpu = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*: (.*)$", cpu, re.M)
    quick = [flag for flag in ("avx2", "avx512f", "sha_ni") if re.search(rf"^flags\s*:.* {flag}( |$)", cpu, re.M)]
    commit = output(["git", "describe", "--always", "--dirty"]) if (TOP / ".git").exists() else ""
    words = [f"{model[1] if model else os.uname().machine} ({' '.join(quick)}), {len(os.sched_getaffinity(0))} cores",
             f"Linux {os.uname().release}, TCP {congestion_control()}", f"{output([BIN / 'spate', '--version']).strip() or 'spate'} {commit.strip()}".strip()]
    for name in rivals:
        command, pattern = VERSIONS[name]
        found = re.search(pattern, output(command))
        words.append(f"{name} {found[1] if found else 'not here'}")
    return "; ".join(words)


def at_least(least, kind=int):
    """For argparse: such a number. With none of what a bench counts there is nothing to tell."""
    def parse(text):
        try:
            number = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is no number") from None
        if not number >= least:
            raise argparse.ArgumentTypeError(f"it must be {least} or more, not {text}")
        return number
    return parse


def parse_size(text):
    try:
        size = int(float(text.rstrip("kMG")) * {"k": 1 << 10, "M": 1 << 20, "G": 1 << 30}.get(text[-1:], 1))
    except (ValueError, OverflowError):
        size = 0
    if size < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no size, as 64k, 256M or 1G")
    return size


def choose_programs(parser, names):
    class Programs(argparse.Action):
        def __call__(self, parser, options, values, option_string=None):
            chosen = [name for value in values for name in value.split(",") if name]
            for name in chosen:
                if name not in names:
                    parser.error(f"argument {option_string}: '{name}' is none of: {' '.join(names)}")
            setattr(options, self.dest, chosen or list(names))

    parser.add_argument("--only", nargs="+", metavar="PROGRAM", action=Programs, default=list(names),
                        help="of: " + " ".join(names) + "; blanks or commas between them")


def make_file(path, size):
    block = os.urandom(1 << 20)  # small: a child starts with its parent's peak memory
    with open(path, "wb") as out:
        for at in range(0, size, len(block)):
            out.write(at.to_bytes(8, "little") + block[8:min(len(block), size - at)])


def drop_from_cache(path):
    file = os.open(path, os.O_RDONLY)
    os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


def peak_mib(pid):
    """Of resident memory; 0 when it has ended. (What wait4 tells begins with the peak of who started it.)"""
    peak = re.search(r"^VmHWM:\s*(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)
    return int(peak[1]) / 1024 if peak else 0.0
