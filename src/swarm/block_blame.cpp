#include "swarm/block_blame.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace spate::swarm {

namespace {
void add_once(std::vector<Sender>& wrong, Sender sender) {
    if (std::ranges::find(wrong, sender) == wrong.end()) wrong.push_back(sender);
}
}  // namespace

Sender BlockBlame::sender(const Endpoint& endpoint) {
    if (const auto known = numbers_.find(endpoint); known != numbers_.end()) return known->second;
    if (senders_.size() >= senders_max && free_numbers_.empty()) forget_senders();
    Sender number(static_cast<std::uint32_t>(senders_.size()));
    if (!free_numbers_.empty()) {
        number = free_numbers_.back();
        free_numbers_.pop_back();
        senders_[number.value] = endpoint;
    } else if (senders_.size() < senders_max) {
        senders_.push_back(endpoint);
    } else {
        return nobody;
    }
    numbers_.emplace(endpoint, number);
    return number;
}

void BlockBlame::forget_senders() {
    std::vector<bool> remembered(senders_.size());
    const auto remember = [&](Sender sender) {
        if (sender != nobody) remembered[sender.value] = true;
    };
    for (const auto& [piece, senders] : senders_of_) std::ranges::for_each(senders, remember);
    for (const auto& [piece, blocks] : evidence_)
        for (const auto& sent : blocks) remember(sent.from);
    std::erase_if(numbers_, [&](const auto& number) {
        if (remembered[number.second.value]) return false;
        free_numbers_.push_back(number.second);
        return true;
    });
}

void BlockBlame::received(PieceIndex piece, BlockIndex block, Sender from) {
    auto& senders = senders_of_[piece];
    if (block.value >= senders.size()) senders.resize(block.value + 1, nobody);
    senders[block.value] = from;
}

std::vector<Sender> BlockBlame::failed(PieceIndex piece, std::span<const BlockDigest> blocks) {
    const auto found = senders_of_.extract(piece);
    if (found.empty()) return {};
    auto senders = found.mapped();
    senders.resize(blocks.size(), nobody);
    if (senders.empty()) return {};
    const bool of_one = std::ranges::all_of(senders, [&](Sender s) { return s == senders.front(); });
    if (of_one && senders.front() != nobody) return {senders.front()};
    if (blocks.size() > blocks_max) return {};
    make_room(blocks.size());
    auto& sent = evidence_[piece];
    if (sent.empty()) oldest_.push_back(piece);
    for (BlockIndex block; block.value < blocks.size(); ++block)
        sent.push_back({block, senders[block.value], blocks[block.value]});
    evidence_blocks_ += blocks.size();
    return {};
}

void BlockBlame::make_room(std::size_t blocks) {
    while (evidence_blocks_ + blocks > blocks_max && !oldest_.empty()) {
        drop_evidence(oldest_.front());
        oldest_.pop_front();
    }
}

std::vector<Sender> BlockBlame::block_failed(PieceIndex piece, BlockIndex block) {
    const auto found = senders_of_.find(piece);
    if (found == senders_of_.end() || block.value >= found->second.size()) return {};
    const auto from = std::exchange(found->second[block.value], nobody);
    if (from == nobody) return {};
    return {from};
}

std::vector<Sender> BlockBlame::passed(PieceIndex piece, std::span<const BlockDigest> blocks) {
    senders_of_.erase(piece);
    return proven(piece, blocks);
}

std::vector<Sender> BlockBlame::proven(PieceIndex piece, std::span<const BlockDigest> blocks) {
    std::vector<Sender> wrong;
    const auto found = evidence_.find(piece);
    if (found == evidence_.end()) return wrong;
    for (const auto& sent : found->second)
        if (sent.from != nobody && sent.block.value < blocks.size() &&
            sent.digest != blocks[sent.block.value])
            add_once(wrong, sent.from);
    drop_evidence(piece);
    std::erase(oldest_, piece);
    return wrong;
}

void BlockBlame::drop_evidence(PieceIndex piece) {
    const auto found = evidence_.find(piece);
    SPATE_ASSERT(found != evidence_.end());
    evidence_blocks_ -= found->second.size();
    evidence_.erase(found);
}

}  // namespace spate::swarm
