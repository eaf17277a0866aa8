// Ledger: a cap that several threads keep together (connections, bytes of memory). Half of it is theirs for
// good, in equal parts, so that none starves; the other half they draw from as they need it. An Allowance is
// one thread's part: what it was given and what it has drawn. All allowances together never hold more than
// the cap. One thread alone is given all of it, and nothing here is atomic for it.
// Thread: a Ledger any; an Allowance or Slots one.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <utility>

#include "base/assert.h"

namespace spate {

class Ledger {
  public:
    // cap: at least 1 a holder. As many Allowances are made of it, each once.
    Ledger(std::uint64_t cap, unsigned holders);
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    std::uint64_t own_part() const { return own_part_; }

  private:
    friend class Allowance;
    bool has(std::uint64_t amount) const { return common_.load(std::memory_order_relaxed) >= amount; }
    bool draw(std::uint64_t amount);
    void give_back(std::uint64_t amount) { common_.fetch_add(amount, std::memory_order_relaxed); }

    const std::uint64_t own_part_;
    std::atomic<std::uint64_t> common_;
};

class Allowance {
  public:
    explicit Allowance(std::uint64_t cap) : own_(cap) {}
    explicit Allowance(Ledger& ledger) : ledger_(&ledger), own_(ledger.own_part()) {}
    Allowance(const Allowance&) = delete;
    Allowance& operator=(const Allowance&) = delete;
    // What it was given is the others' too from then on.
    ~Allowance();

    std::uint64_t limit() const { return own_ + drawn_; }
    std::uint64_t drawn() const { return drawn_; }
    // Whether grow() would, if nobody else came first.
    bool can_grow(std::uint64_t amount) const { return ledger_ != nullptr && ledger_->has(amount); }
    // All of it or nothing.
    bool grow(std::uint64_t amount);
    void shrink(std::uint64_t amount);

  private:
    Ledger* ledger_ = nullptr;
    std::uint64_t own_;
    std::uint64_t drawn_ = 0;
};

// An Allowance whose units are taken one at a time: places for connections.
class Slots {
  public:
    explicit Slots(Ledger& ledger) : allowance_(ledger) {}

    std::uint32_t used() const { return used_; }
    bool full() const { return used_ >= allowance_.limit() && !allowance_.can_grow(1); }
    bool take() {
        if (used_ >= allowance_.limit() && !allowance_.grow(1)) return false;
        ++used_;
        return true;
    }
    void give(std::uint32_t count = 1) {
        SPATE_ASSERT(count <= used_);
        used_ -= count;
        allowance_.shrink(std::min<std::uint64_t>(allowance_.drawn(), allowance_.limit() - used_));
    }

  private:
    Allowance allowance_;
    std::uint32_t used_ = 0;
};

// One of the Slots, for as long as it is held. Empty: none.
class Place {
  public:
    Place() = default;
    static Place in(Slots& slots) {
        Place place;
        if (slots.take()) place.slots_ = &slots;
        return place;
    }
    Place(Place&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
    Place& operator=(Place&& other) noexcept {
        std::swap(slots_, other.slots_);
        return *this;
    }
    ~Place() {
        if (slots_ != nullptr) slots_->give();
    }
    explicit operator bool() const { return slots_ != nullptr; }

  private:
    Slots* slots_ = nullptr;
};

}  // namespace spate
