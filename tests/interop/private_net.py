"""A network of this process's own: loopback with 10.77.0.0/16 on it, so that no packet leaves and every client has an address.

Transmission takes no peer with an address of 127.0.0.0/8, so a plain loopback would not do. Linux only; no root needed where user
namespaces are allowed. Call enter() before any thread starts.
"""
import ctypes
import fcntl
import itertools
import os
import socket
import struct
import threading

NEW_USER, NEW_NET = 0x10000000, 0x40000000
SET_FLAGS, SET_ADDRESS, SET_MASK = 0x8914, 0x8916, 0x891C
UP_AND_RUNNING = 0x41


def enter():
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_NET if user == 0 else NEW_NET | NEW_USER) != 0:
        raise OSError(ctypes.get_errno(), "no network namespace: run as root, or allow user namespaces "
                                          "(sysctl kernel.unprivileged_userns_clone=1)")
    if user != 0:
        for file, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{file}", "w", encoding="ascii") as map_file:
                map_file.write(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SET_FLAGS, struct.pack("16sh", b"lo", UP_AND_RUNNING))
        for request, address in ((SET_ADDRESS, "10.77.0.1"), (SET_MASK, "255.255.0.0")):
            fcntl.ioctl(control, request,
                        struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(address)))


class Places:
    """Addresses and ports nobody else here has. Ports differ too, as some clients listen on every address."""

    def __init__(self):
        self.numbers = itertools.count(2)
        self.lock = threading.Lock()

    def next(self):
        with self.lock:
            number = next(self.numbers)
        return f"10.77.{number // 250}.{number % 250 + 2}", 10_000 + number * 4


places = Places()
