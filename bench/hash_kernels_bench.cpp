// Speed of the hashing kernels beside OpenSSL, one thread. Every figure is the median of several rounds, and
// in a round all kernels take their turn, so that a neighbour's load falls on all of them alike: trust the
// ratios.
//   hash_kernels_bench [MiB of memory, default 512] [rounds, default 7] [part of a row's title: only those
//   rows]
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <time.h>
#include <vector>

#include "hash/digest.h"
#include "hash/lanes.h"

namespace {

using namespace spate;
using namespace spate::hash;

double cpu_seconds() {  // of this thread: what neighbours take is not counted
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::string only;  // set once, from the command line

struct Contender {
    std::string name;
    std::function<void()> work;
};

// Runs all in turns and prints GB/s and the ratio to the first.
void compare(const std::string& title, std::size_t bytes, int rounds,
             const std::vector<Contender>& contenders) {
    if (title.find(only) == std::string::npos) return;
    std::vector<std::vector<double>> speeds(contenders.size());
    for (int round = 0; round < rounds; ++round)
        for (std::size_t i = 0; i < contenders.size(); ++i) {
            const double start = cpu_seconds();
            contenders[i].work();
            speeds[i].push_back(static_cast<double>(bytes) / (cpu_seconds() - start) / 1e9);
        }
    std::printf("| %-34s |", title.c_str());
    double first = 0;
    for (std::size_t i = 0; i < contenders.size(); ++i) {
        std::ranges::nth_element(speeds[i], speeds[i].begin() + rounds / 2);
        const double median = speeds[i][static_cast<std::size_t>(rounds / 2)];
        if (i == 0) first = median;
        std::printf(" %s %.2f (x%.2f) |", contenders[i].name.c_str(), median, median / first);
    }
    std::printf("\n");
    std::fflush(stdout);
}

std::vector<Bytes> cut(Bytes bytes, std::size_t size) {
    std::vector<Bytes> messages;
    for (std::size_t at = 0; at + size <= bytes.size(); at += size)
        messages.push_back(bytes.subspan(at, size));
    return messages;
}

template <class Digest>
KernelLadder alone(const HashKernel& kernel) {
    if constexpr (sizeof(Digest) == sizeof(Sha1))
        return only_sha1(kernel);
    else
        return only_sha256(kernel);
}
template <class Digest>
void many(std::span<const Bytes> messages, std::span<Digest> out, const KernelLadder& ladder) {
    if constexpr (sizeof(Digest) == sizeof(Sha1))
        sha1_many(messages, out, ladder);
    else
        sha256_many(messages, out, ladder);
}
template <class Digest>
Digest one(Bytes bytes) {
    if constexpr (sizeof(Digest) == sizeof(Sha1))
        return sha1(bytes);
    else
        return sha256(bytes);
}

// Whole messages: OpenSSL's own interface first, then every kernel of this CPU.
template <class Digest>
void whole_messages(const std::string& title, Bytes bytes, std::size_t size, int repeat, int rounds) {
    const auto messages = cut(bytes, size);
    std::vector<Digest> out(messages.size());
    std::vector<Contender> contenders{{"OpenSSL EVP", [&] {
                                           for (int i = 0; i < repeat; ++i)
                                               for (std::size_t m = 0; m < messages.size(); ++m)
                                                   out[m] = one<Digest>(messages[m]);
                                       }}};
    for (const HashKernel& kernel : kernels())
        if (kernel.supported())
            contenders.push_back({std::string(kernel.name), [&, ladder = alone<Digest>(kernel)] {
                                      for (int i = 0; i < repeat; ++i) many<Digest>(messages, out, ladder);
                                  }});
    compare(title, messages.size() * size * static_cast<std::size_t>(repeat), rounds, contenders);
}

// Torrent creation: windows of 16 pieces copied out of memory (as pread does), hashed while still in the
// cache.
constexpr std::size_t kPieces = 16;
constexpr std::size_t kWindow = 64 * 1024;

void create(Bytes bytes, std::size_t piece, const HashKernel& kernel, bool v1, bool v2,
            MutableBytes windows) {
    const KernelLadder for_sha256 = only_sha256(kernel);
    Sha1Lanes hasher(kPieces, only_sha1(kernel));
    std::array<Sha1, kPieces> pieces;
    std::vector<Sha256> leaves(kPieces * kWindow / (16 * 1024));
    for (std::size_t start = 0; start + kPieces * piece <= bytes.size(); start += kPieces * piece) {
        for (std::size_t at = 0; at < piece; at += kWindow) {
            std::array<Bytes, kPieces> chunks;
            std::vector<Bytes> blocks;
            for (std::size_t p = 0; p < kPieces; ++p) {
                const MutableBytes window = windows.subspan(p * kWindow, kWindow);
                std::memcpy(window.data(), bytes.data() + start + p * piece + at, kWindow);
                chunks[p] = window;
                for (const Bytes block : cut(window, 16 * 1024)) blocks.push_back(block);
            }
            if (v1) hasher.update(chunks);
            if (v2) sha256_many(blocks, leaves, for_sha256);
        }
        if (v1) hasher.finish(pieces);
    }
}

void creation(const std::string& title, Bytes bytes, bool v1, bool v2, int rounds) {
    constexpr std::size_t kPiece = 1024 * 1024;
    std::vector<std::uint8_t> windows(kPieces * kWindow);
    std::vector<Contender> contenders;
    for (const HashKernel& kernel : kernels())
        if (kernel.supported())
            contenders.push_back({std::string(kernel.name),
                                  [&, row = &kernel] { create(bytes, kPiece, *row, v1, v2, windows); }});
    compare(title, bytes.size() / (kPieces * kPiece) * kPieces * kPiece, rounds, contenders);
}

// Fewer messages than lanes: where does which kernel begin to pay? Then what the ladder of this machine
// takes.
template <class Digest>
void few_messages(const char* name, Bytes bytes, int rounds) {
    for (std::size_t count = 1; count <= kMaxLanes; ++count) {
        const auto messages = cut(bytes.first(count * 16 * 1024), 16 * 1024);
        std::vector<Digest> out(count);
        const auto hash_by = [&](const KernelLadder& ladder) {
            return [&, ladder] {
                for (int i = 0; i < 100; ++i) many<Digest>(messages, std::span<Digest>(out), ladder);
            };
        };
        std::vector<Contender> contenders;
        for (const HashKernel& kernel : kernels())
            if (kernel.supported())
                contenders.push_back({std::string(kernel.name), hash_by(alone<Digest>(kernel))});
        contenders.push_back({"ladder", hash_by(fastest_for<Digest>())});
        compare(std::string(name) + ", " + std::to_string(count) + " messages", count * 16 * 1024 * 100,
                rounds, contenders);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t memory = (argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 512) << 20;
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 7;
    if (memory == 0 || rounds < 1) {
        std::fputs("usage: hash_kernels_bench [MIB [ROUNDS [ONLY]]]   (numbers from 1 on)\n", stderr);
        return 2;
    }
    if (argc > 3) only = argv[3];
    std::vector<std::uint8_t> data(memory);
    std::uint64_t x = 1;
    for (std::size_t i = 0; i + 8 <= data.size(); i += 8) {
        x = x * 6364136223846793005ULL + 1442695040888963407ULL;
        std::memcpy(data.data() + i, &x, 8);
    }
    const Bytes all(data);
    std::printf("GB/s of CPU time, one thread, median of %d; in brackets: times the first column\n", rounds);
    const Bytes hot = all.first(32 * 16 * 1024);
    whole_messages<Sha1>("SHA-1, 16 KiB, hot", hot, 16 << 10, 100, rounds);
    whole_messages<Sha256>("SHA-256, 16 KiB, hot", hot, 16 << 10, 100, rounds);
    whole_messages<Sha256>("SHA-256, 64 B (tree nodes), hot", hot.first(64 << 10), 64, 100, rounds);
    for (const std::size_t kib : {16U, 256U, 1024U, 4096U}) {
        const std::string size = std::to_string(kib) + " KiB, from memory";
        whole_messages<Sha1>("SHA-1, " + size, all, kib << 10, 1, rounds);
        whole_messages<Sha256>("SHA-256, " + size, all, kib << 10, 1, rounds);
    }
    creation("creation v1, 1 MiB pieces, windows", all, true, false, rounds);
    creation("creation v2, windows", all, false, true, rounds);
    creation("creation hybrid, windows", all, true, true, rounds);
    few_messages<Sha1>("SHA-1", all, rounds);
    few_messages<Sha256>("SHA-256", all, rounds);
}
