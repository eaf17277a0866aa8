// The file of swarms: whatever is in it, the store's caps hold; what was taken is written and read again as
// the same; and pieces of any size are read alike. The first octet chooses: the file as it is, or one whose
// blocks (each behind its length, two octets) get their digests here, so that what they hold is looked at.
#include <algorithm>

#include "base/assert.h"
#include "tracker/swarm_file.h"
#include "tracker/swarm_store.h"

using namespace spate;
using namespace spate::tracker;

namespace {

using Octets = std::vector<std::uint8_t>;
constexpr TimePoint now{std::chrono::hours(3)};

SwarmLimits small() {
    SwarmLimits limits;
    limits.swarms = 6;
    limits.peers = 20;
    limits.peers_per_swarm = 12;
    return limits;
}

struct Restoring final : SwarmFileReader::Sink {
    void on_client_key(const hash::SipKey& key) override { store.set_client_key(key); }
    void on_swarm(const KeptSwarm& swarm, WallTime saved) override {
        told.push_back(swarm);
        store.restore(swarm, std::chrono::seconds(saved.unix_seconds & 0xfff), now);
    }
    SwarmStore store{small(), {}, 1};
    std::vector<KeptSwarm> told;
};

bool read(Bytes file, std::size_t step, Restoring& into) {
    SwarmFileReader reader(into);
    for (std::size_t at = 0; at < file.size(); at += step)
        if (!reader.feed(file.subspan(at, std::min(step, file.size() - at)))) return false;
    return reader.end().has_value();
}

Octets sealed(Bytes data) {
    Octets file;
    append_swarm_file_start(file, {});
    while (data.size() > 2) {
        const auto size = std::min<std::size_t>(data[0] * 256U + data[1], data.size() - 2);
        const auto payload = data.subspan(2, size);
        for (const std::size_t octet : {std::size_t{0}, std::size_t{0}, size >> 8, size & 0xff})
            file.push_back(static_cast<std::uint8_t>(octet));
        const auto digest = hash::sha1(payload);
        file.insert(file.end(), digest.begin(), digest.end());
        file.insert(file.end(), payload.begin(), payload.end());
        data = data.subspan(2 + size);
    }
    return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const Bytes input(data + 1, size - 1);
    const auto file = data[0] % 2 == 0 ? Octets(input.begin(), input.end()) : sealed(input);
    Restoring whole, parts;
    const bool good = read(file, file.size() + 1, whole);
    SPATE_ASSERT(read(file, 1 + data[0], parts) == good);
    SPATE_ASSERT(whole.told == parts.told);
    whole.store.settle();
    const auto totals = whole.store.totals();
    SPATE_ASSERT(totals.swarms <= small().swarms && totals.peers_v4 + totals.peers_v6 <= small().peers);
    Octets written;
    append_swarm_file_start(written, whole.store.client_key());
    for (std::size_t shard = 0; shard < SwarmStore::shard_count; ++shard)
        append_swarms(written, whole.store.shard(shard), {}, now);
    append_swarm_file_end(written);
    Restoring again;
    SPATE_ASSERT(read(written, written.size(), again));
    again.store.settle();
    SPATE_ASSERT(again.store.totals().peers_v4 == totals.peers_v4);
    SPATE_ASSERT(again.store.totals().peers_v6 == totals.peers_v6);
    for (const auto& swarm : again.told)
        SPATE_ASSERT(again.store.counts(swarm.hash, now) == whole.store.counts(swarm.hash, now));
    return 0;
}
