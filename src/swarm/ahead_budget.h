// AheadBudget: how many bytes of first copies a seed lets peers ask for at once, in all: what its link
// carries in a second or so, and more when the link stands still. Owner: SuperSeeding.
#pragma once

#include <algorithm>
#include <cstdint>

namespace spate::swarm {

class AheadBudget {
  public:
    static constexpr std::uint64_t ahead_min = 256 << 10;   // bytes; at least four pieces
    static constexpr std::uint64_t ahead_cap = 32 << 20;    // by doubling
    static constexpr std::uint64_t ahead_most = 256 << 20;  // by rate: a second of 2 Gbit/s

    explicit AheadBudget(std::uint64_t piece_length) : least_(std::max(ahead_min, piece_length * 4)) {}

    void set(std::uint64_t bytes) { of_link_ = std::min(bytes, ahead_most); }
    std::uint64_t bytes() const {
        const auto least = std::max(of_link_, least_);
        return std::min(least << doubled_, std::max(least, ahead_cap));
    }
    // Our link may stand still: doubled (up to ahead_cap), once for each half of it that went out.
    void on_dry() {
        if (sent_ < bytes() / 2 || bytes() >= ahead_cap) return;
        sent_ = 0;
        ++doubled_;
    }
    void fade() {
        if (doubled_ > 0) --doubled_;
    }
    void on_sent(std::uint64_t bytes) { sent_ += bytes; }
    void on_taken_back(std::uint64_t bytes) { sent_ -= std::min(sent_, bytes); }

  private:
    std::uint64_t least_;
    std::uint64_t of_link_ = 0;
    std::uint32_t doubled_ = 0;
    std::uint64_t sent_ = 0;  // since it was doubled
};

}  // namespace spate::swarm
