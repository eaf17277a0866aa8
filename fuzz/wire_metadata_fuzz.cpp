// MetadataAssembly under any order of events. Input: bytes of a script; three honest and three lying peers
// come, are asked, answer truly or falsely, refuse, are late and go. Liars found are liars; what completes is
// right.
#include <algorithm>
#include <optional>

#include "base/assert.h"
#include "hash/digest.h"
#include "wire/limits.h"
#include "wire/metadata_assembly.h"

using namespace spate;
using namespace spate::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<std::uint8_t> truth = [] {
        std::vector<std::uint8_t> bytes(3 * metadata_block_size - 100);
        for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * i >> 7);
        return bytes;
    }();
    static const hash::Sha1 name = hash::sha1(truth);
    static const std::vector<std::uint8_t> lie(metadata_block_size, 0x55);
    MetadataAssembly assembly({.v1 = name, .v2 = {}});
    TimePoint now{};
    std::vector<std::pair<SourceKey, MetadataRequest>> asked;
    std::optional<std::vector<std::uint8_t>> whole;  // waits to be checked
    const auto check = [&] {
        if (!whole) return;
        const bool right = matches(*whole, {.v1 = name, .v2 = {}});
        SPATE_ASSERT(right == (*whole == truth));
        whole.reset();
        assembly.on_checked(right);
        SPATE_ASSERT(assembly.complete() == right);
    };
    for (std::size_t i = 0; i + 1 < size && !assembly.complete(); i += 2) {
        const SourceKey source(data[i] % 6);
        const bool liar = source.value >= 3;
        switch (data[i] / 6 % 8) {
            case 0:
                assembly.add_source(source, static_cast<std::uint32_t>(truth.size()) + data[i + 1] / 128U);
                break;
            case 1:
            case 2:
                if (const auto request = assembly.next_request(source, now))
                    asked.emplace_back(source, *request);
                break;
            case 3:
            case 4: {
                if (asked.empty()) break;
                const auto at = asked.begin() + data[i + 1] % static_cast<std::ptrdiff_t>(asked.size());
                const auto [from, request] = *at;
                asked.erase(at);
                const std::size_t begin = std::size_t{request.block} * metadata_block_size;
                const std::size_t length = std::min<std::size_t>(metadata_block_size, truth.size() - begin);
                const bool lies = from.value >= 3;
                const Bytes bytes = lies ? Bytes(lie).first(length) : Bytes(truth).subspan(begin, length);
                const MetadataData block{request.block, static_cast<std::uint32_t>(truth.size()), bytes};
                if (assembly.on_data(from, block, now) == MetadataAssembly::Outcome::whole)
                    whole = assembly.take();
                if (data[i + 1] % 2 == 0) check();
                break;
            }
            case 5:
                assembly.on_reject(source, MetadataReject{data[i + 1] % 4U}, now);
                break;
            case 6:
                check();
                now += std::chrono::seconds(data[i + 1]);
                assembly.on_timeout(now);
                SPATE_ASSERT(assembly.next_timeout() > now);
                break;
            default:
                assembly.on_data(source, {data[i + 1] % 4U, 7, Bytes(lie).first(7)}, now);
                if (data[i + 1] > 200 && !liar) assembly.remove_source(source);
        }
        for (const SourceKey found : assembly.liars()) SPATE_ASSERT(found.value >= 3);
    }
    return 0;
}
