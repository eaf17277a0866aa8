#include "base/ledger.h"

namespace spate {
namespace {

std::uint64_t part_of(std::uint64_t cap, unsigned holders) {
    SPATE_ASSERT(holders > 0 && cap >= holders);
    return holders == 1 ? cap : std::max<std::uint64_t>(1, cap / 2 / holders);
}

}  // namespace

Ledger::Ledger(std::uint64_t cap, unsigned holders)
    : own_part_(part_of(cap, holders)), common_(cap - own_part_ * holders) {}

// What is counted here guards no other memory: relaxed is enough.
bool Ledger::draw(std::uint64_t amount) {
    auto there = common_.load(std::memory_order_relaxed);
    while (there >= amount)
        if (common_.compare_exchange_weak(there, there - amount, std::memory_order_relaxed)) return true;
    return false;
}

Allowance::~Allowance() {
    if (ledger_ != nullptr) ledger_->give_back(limit());
}

bool Allowance::grow(std::uint64_t amount) {
    if (ledger_ == nullptr || !ledger_->draw(amount)) return false;
    drawn_ += amount;
    return true;
}

void Allowance::shrink(std::uint64_t amount) {
    SPATE_ASSERT(amount <= drawn_);
    if (amount == 0) return;
    drawn_ -= amount;
    ledger_->give_back(amount);
}

}  // namespace spate
