#include "tracker/possession_check.h"

#include <algorithm>
#include <set>
#include <utility>

#include "classic/chunk_request.h"

namespace spate::tracker {

std::vector<ByteRange> chunks_to_probe(std::uint64_t file_size, std::size_t count, Rng& rng) {
    std::vector<ByteRange> chunks;
    if (file_size == 0 || count == 0) return chunks;
    const std::uint64_t slots = (file_size - 1) / classic::chunk_bytes_max + 1;
    std::set<std::uint64_t> wanted{0};
    if (count > 1) wanted.insert(slots - 1);
    while (wanted.size() < std::min<std::uint64_t>(count, slots)) wanted.insert(rng.below(slots));
    for (const auto slot : wanted) {
        const auto start = slot * classic::chunk_bytes_max;
        chunks.push_back({start, start + std::min(classic::chunk_bytes_max, file_size - start)});
    }
    return chunks;
}

PossessionCheck::PossessionCheck(io::World world, const PossessionOptions& options,
                                 const classic::CreateTracker& request, const Address& from, Rng& rng,
                                 OnFinding on_finding)
    : world_(world),
      options_(options),
      request_(request),
      from_(from),
      rng_(rng),
      on_finding_(std::move(on_finding)),
      deadline_(world.reactor.make_timer([this] { give_up(no_answer_); })) {
    deadline_->arm(world_.reactor.now() + options_.time_max);
}

void PossessionCheck::start() {
    resolving_ = world_.resolver.resolve(
        request_.host, [this](const Result<std::vector<Address>>& addresses) { host_resolved(addresses); });
}

void PossessionCheck::host_resolved(const Result<std::vector<Address>>& addresses) {
    if (!addresses) return give_up(addresses.error().message());
    if (addresses->empty()) return give_up(request_.host + " has no address");
    const auto is_sender = [&](const Address& address) { return address.unmapped() == from_.unmapped(); };
    const auto sender = std::find_if(addresses->begin(), addresses->end(), is_sender);
    if (sender != addresses->end()) return probe({*sender, request_.port});
    if (options_.any_address) return probe({addresses->front(), request_.port});
    give_up(request_.host + " is not where the request came from");
}

void PossessionCheck::probe(const Endpoint& endpoint) {
    const auto chunks = chunks_to_probe(request_.size, options_.chunks, rng_);
    if (chunks.empty()) return end({Finding::Kind::verified, {}});
    for (const auto& chunk : chunks) {
        probes_.push_back(std::make_unique<ChunkProbe>(
            world_, endpoint, request_.name, chunk, request_.size,
            [this](ProbeResult result, std::string detail) { probe_ended(result, std::move(detail)); }));
    }
}

void PossessionCheck::probe_ended(ProbeResult result, std::string detail) {
    switch (result) {
        case ProbeResult::refused:
            return end({Finding::Kind::refused, std::move(detail)});
        case ProbeResult::unreachable:
            return give_up(std::move(detail));
        case ProbeResult::good:
            break;
    }
    if (++good_ == probes_.size()) end({Finding::Kind::verified, {}});
}

void PossessionCheck::give_up(std::string reason) {
    end({Finding::Kind::unverified, std::move(reason)});
}

void PossessionCheck::give_up_soon(std::string reason) {
    no_answer_ = std::move(reason);
    deadline_->arm(world_.reactor.now());
}

void PossessionCheck::end(Finding finding) {
    auto on_finding = std::move(on_finding_);
    on_finding(std::move(finding));
}

}  // namespace spate::tracker
