// Any messages, any chunks, every kernel: the digests must be OpenSSL's. Input: one byte a message's share of
// the rest.
#include "base/assert.h"
#include "hash/lanes.h"

using namespace spate;
using namespace spate::hash;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t count = std::min<std::size_t>(data[0] % 40, size - 1);
    const Bytes lengths(data + 1, count);
    Bytes rest(data + 1 + count, size - 1 - count);
    std::vector<Bytes> messages;
    for (const std::uint8_t length : lengths) {
        messages.push_back(rest.first(std::min<std::size_t>(std::size_t{length} * 3, rest.size())));
        rest = rest.subspan(messages.back().size() / 2);  // they overlap, so that small inputs have many
    }
    std::vector<std::pair<KernelLadder, KernelLadder>> ladders{{fastest_sha1(), fastest_sha256()}};
    for (const HashKernel& kernel : kernels())
        if (kernel.supported()) ladders.emplace_back(only_sha1(kernel), only_sha256(kernel));
    for (const auto& [for_sha1, for_sha256] : ladders) {
        std::vector<Sha1> sha1s(count), streamed(count);
        std::vector<Sha256> sha256s(count);
        sha1_many(messages, sha1s, for_sha1);
        sha256_many(messages, sha256s, for_sha256);
        Sha1Lanes lanes(count, for_sha1);
        std::vector<Bytes> heads, tails;
        for (const Bytes message : messages) {
            heads.push_back(message.first(message.size() * data[0] / 255));
            tails.push_back(message.subspan(heads.back().size()));
        }
        lanes.update(heads);
        lanes.update(tails);
        lanes.finish(streamed);
        for (std::size_t i = 0; i < count; ++i) {
            SPATE_ASSERT(sha1s[i] == sha1(messages[i]) && streamed[i] == sha1s[i]);
            SPATE_ASSERT(sha256s[i] == sha256(messages[i]));
        }
    }
    return 0;
}
