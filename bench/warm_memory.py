"""Memory that a run will fill, there before its clock starts and until it is filled.

A virtual machine is given memory by its host at the first touch, which is dear (a GiB: a second and more), and loses again what is free
for a moment: a run then measures the host. So as much as the run will fill is touched and held, and let go of as free memory goes, a
little ahead of the run.
"""
import mmap
import threading

CHUNK = 64 << 20
AHEAD = 4 * CHUNK


def free_memory():
    with open("/proc/meminfo") as lines:
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemFree:"))


class WarmMemory:
    """with WarmMemory(bytes it writes): the run. Looked at every `interval` seconds, in which no more than AHEAD may be filled."""

    def __init__(self, size, interval=0.005):
        # A quarter more, for the memory of the programs themselves and of their sockets.
        self.left = (size + size // 4) // CHUNK * CHUNK + AHEAD
        self.interval = interval
        self.over = threading.Event()
        self.memory = mmap.mmap(-1, self.left, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.memory.madvise(mmap.MADV_HUGEPAGE)
        something = bytes([1]) * CHUNK
        for at in range(0, self.left, CHUNK):
            self.memory[at:at + CHUNK] = something
        self.free_at_first = free_memory()

    def let_go(self):
        while self.left > 0 and free_memory() < self.free_at_first + AHEAD:
            self.left -= CHUNK
            self.memory.madvise(mmap.MADV_DONTNEED, self.left, CHUNK)

    def watch(self):
        while not self.over.wait(self.interval):
            self.let_go()

    def __enter__(self):
        self.let_go()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def __exit__(self, *exception):
        self.over.set()
        self.thread.join()
        self.memory.close()
