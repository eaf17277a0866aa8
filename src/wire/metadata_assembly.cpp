#include "wire/metadata_assembly.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "hash/digest.h"
#include "wire/limits.h"

namespace spate::wire {
namespace {

constexpr Duration answer_time = std::chrono::seconds(20);
constexpr Duration rest_time = std::chrono::minutes(1);
constexpr Duration turn_time = std::chrono::seconds(90);  // of one size while others wait
constexpr std::size_t metadata_unanswered_max = 64;       // then that peer is not asked any more
constexpr std::uint32_t askers_max = 2;                   // of one block, when all are asked for

std::uint32_t blocks_of(std::uint32_t size) {
    return static_cast<std::uint32_t>(metainfo::units(size, metadata_block_size));
}
std::uint32_t size_of(std::uint32_t block, std::uint32_t size) {
    return std::min(metadata_block_size, size - block * metadata_block_size);
}

}  // namespace

bool matches(Bytes info, const metainfo::InfoHash& wanted) {
    return (!wanted.v1 || hash::sha1(info) == *wanted.v1) && (!wanted.v2 || hash::sha256(info) == *wanted.v2);
}

MetadataAssembly::MetadataAssembly(const metainfo::InfoHash& wanted) : wanted_(wanted) {
    SPATE_ASSERT(wanted.v1 || wanted.v2);
}

bool MetadataAssembly::add_source(SourceKey source, std::uint32_t size) {
    SPATE_ASSERT(size >= 1 && size <= metadata_bytes_max);
    if (sources_.contains(source)) return true;
    if (complete_ || sources_.size() == metadata_sources_max) return false;
    sources_[source].size = size;
    return true;
}

std::size_t MetadataAssembly::claimed_by(std::uint32_t size) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(sources_, [&](const auto& source) { return source.second.size == size; }));
}

// Nobody answers for it now, or it had its time.
bool MetadataAssembly::makes_room(std::uint32_t size, TimePoint now) const {
    const auto awake = [&](const auto& source) {
        return source.second.size == size && source.second.rests_until <= now;
    };
    return now - candidates_.at(size).since >= turn_time || std::ranges::none_of(sources_, awake);
}

// Null when all there is room for are claimed by no fewer, and are being answered.
MetadataAssembly::Candidate* MetadataAssembly::candidate(std::uint32_t size, TimePoint now) {
    const auto found = candidates_.find(size);
    if (found != candidates_.end()) return &found->second;
    if (candidates_.size() == metadata_sizes_max) {
        const auto sources = [&](const auto& candidate) { return claimed_by(candidate.first); };
        auto least = std::ranges::min_element(candidates_, {}, sources);
        if (sources(*least) >= claimed_by(size))
            least = std::ranges::find_if(candidates_,
                                         [&](const auto& one) { return makes_room(one.first, now); });
        if (least == candidates_.end()) return nullptr;
        const std::uint32_t dropped = least->first;
        start_again(dropped);
        candidates_.erase(dropped);
    }
    Candidate& fresh = candidates_[size];
    fresh.since = now;
    return &fresh;
}

void MetadataAssembly::remove_source(SourceKey key) {
    const auto found = sources_.find(key);
    if (found == sources_.end()) return;
    const std::uint32_t size = found->second.size;
    for (Asked& asked : found->second.asked) forget(found->second, asked);
    sources_.erase(found);
    const auto left = candidates_.find(size);
    if (left != candidates_.end() && left->second.alone == key) start_again(size);
}

// It is not waited for any more.
void MetadataAssembly::forget(const Source& source, Asked& asked) {
    if (std::exchange(asked.late, true)) return;
    const auto found = candidates_.find(source.size);
    if (found != candidates_.end()) --found->second.blocks.at(asked.block).asked;
}

// The first block that nobody is asked for; then one that somebody else is.
std::optional<std::uint32_t> MetadataAssembly::pick(const Source& source, const Candidate& candidate) {
    std::optional<std::uint32_t> second;
    for (std::uint32_t block = 0; block < blocks_of(source.size); ++block) {
        const auto found = candidate.blocks.find(block);
        if (found == candidate.blocks.end()) return block;
        if (!found->second.bytes.empty()) continue;
        if (found->second.asked == 0) return block;
        const bool own = std::ranges::any_of(
            source.asked, [&](const Asked& asked) { return asked.block == block && !asked.late; });
        if (!own && !second && found->second.asked < askers_max) second = block;
    }
    return second;
}

std::optional<MetadataRequest> MetadataAssembly::next_request(SourceKey key, TimePoint now) {
    const auto found = sources_.find(key);
    if (found == sources_.end() || complete_ || whole_) return std::nullopt;
    Source& source = found->second;
    const auto waiting = std::ranges::count(source.asked, false, &Asked::late);
    if (source.rests_until > now || waiting >= std::ptrdiff_t{metadata_requests_max} ||
        source.asked.size() >= metadata_unanswered_max)
        return std::nullopt;
    Candidate* whole = candidate(source.size, now);
    if (whole == nullptr) return std::nullopt;
    if (whole->one_by_one && !whole->alone) whole->alone = key;
    if (whole->alone && whole->alone != key) return std::nullopt;
    const auto block = pick(source, *whole);
    if (!block) return std::nullopt;
    ++whole->blocks[*block].asked;
    source.asked.push_back({*block, now + answer_time});
    return MetadataRequest{*block};
}

// One of its requests for that block was answered; it need not answer another.
void MetadataAssembly::settle(Source& source, std::uint32_t block) {
    for (Asked& asked : source.asked)
        if (asked.block == block) forget(source, asked);
    source.asked.erase(std::ranges::find(source.asked, block, &Asked::block));
}

MetadataAssembly::Outcome MetadataAssembly::on_data(SourceKey key, const MetadataData& data, TimePoint now) {
    const auto found = sources_.find(key);
    if (found == sources_.end()) return complete_ ? Outcome::taken : Outcome::unasked;
    Source& source = found->second;
    const bool asked = std::ranges::find(source.asked, data.block, &Asked::block) != source.asked.end();
    if (!asked || data.total_size != source.size || data.bytes.size() != size_of(data.block, source.size))
        return Outcome::unasked;
    settle(source, data.block);
    if (source.rests_until > now) source.rests_until = now;  // late, but it does answer
    const auto whole = candidates_.find(source.size);
    if (whole_ || whole == candidates_.end()) return Outcome::taken;
    if (whole->second.one_by_one && whole->second.alone != key) return Outcome::taken;
    Block& block = whole->second.blocks[data.block];
    if (!block.bytes.empty()) return Outcome::taken;
    block.bytes.assign(data.bytes.begin(), data.bytes.end());
    block.from = key;
    if (++whole->second.there < blocks_of(source.size)) return Outcome::taken;
    join(source.size);
    return Outcome::whole;
}

void MetadataAssembly::join(std::uint32_t size) {
    Whole whole{.size = size, .senders = {}, .bytes = {}};
    whole.bytes.reserve(size);
    for (auto& [index, block] : candidates_.at(size).blocks) {
        whole.bytes.insert(whole.bytes.end(), block.bytes.begin(), block.bytes.end());
        whole.senders.insert(block.from);
        block.bytes = {};
    }
    whole_ = std::move(whole);
}

std::vector<std::uint8_t> MetadataAssembly::take() {
    SPATE_ASSERT(whole_ && !whole_->bytes.empty());
    return std::exchange(whole_->bytes, {});
}

void MetadataAssembly::on_checked(bool right) {
    SPATE_ASSERT(whole_);
    const Whole whole = std::move(*whole_);
    whole_.reset();
    if (right) {
        complete_ = true;
        sources_.clear();
        candidates_.clear();
        return;
    }
    const auto found = candidates_.find(whole.size);
    if (found != candidates_.end()) {
        if (whole.senders.size() > 1) found->second.one_by_one = true;
        start_again(whole.size);
    }
    if (whole.senders.size() > 1) return;
    liars_.push_back(*whole.senders.begin());
    remove_source(*whole.senders.begin());
}

// What was asked for before may still be answered, but nobody waits for it.
void MetadataAssembly::start_again(std::uint32_t size) {
    for (auto& [key, source] : sources_) {
        if (source.size != size) continue;
        for (Asked& asked : source.asked) asked.late = true;
    }
    Candidate& candidate = candidates_.at(size);
    candidate.blocks.clear();
    candidate.there = 0;
    candidate.alone.reset();
}

void MetadataAssembly::rest(SourceKey key, Source& source, TimePoint now) {
    source.rests_until = now + rest_time;
    const auto found = candidates_.find(source.size);
    if (found != candidates_.end() && found->second.alone == key) start_again(source.size);
}

bool MetadataAssembly::on_reject(SourceKey key, const MetadataReject& reject, TimePoint now) {
    const auto found = sources_.find(key);
    if (found == sources_.end()) return complete_;
    Source& source = found->second;
    if (std::ranges::find(source.asked, reject.block, &Asked::block) == source.asked.end()) return false;
    settle(source, reject.block);
    rest(key, source, now);
    return true;
}

void MetadataAssembly::on_timeout(TimePoint now) {
    for (auto& [key, source] : sources_) {
        if (source.rests_until <= now) source.rests_until = {};
        bool silent = false;
        for (Asked& asked : source.asked) {
            if (asked.late || asked.until > now) continue;
            forget(source, asked);
            silent = true;
        }
        if (silent) rest(key, source, now);
    }
}

TimePoint MetadataAssembly::next_timeout() const {
    TimePoint next = never;
    for (const auto& [key, source] : sources_) {
        if (source.rests_until != TimePoint{}) next = std::min(next, source.rests_until);
        for (const Asked& asked : source.asked)
            if (!asked.late) next = std::min(next, asked.until);
    }
    return next;
}

std::vector<SourceKey> MetadataAssembly::liars() {
    return std::exchange(liars_, {});
}

}  // namespace spate::wire
