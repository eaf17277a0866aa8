#include "classic/advertising_plan.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace spate::classic {
namespace {

// The first and the last percent a part touches, counted from 1.
std::pair<std::uint64_t, std::uint64_t> percents(std::uint64_t quarter, std::uint64_t quarters) {
    const std::uint64_t first = quarter * 100 / quarters + 1;
    const std::uint64_t last = ((quarter + 1) * 100 + quarters - 1) / quarters;
    return {first, last};
}

}  // namespace

AdvertisingPlan::AdvertisingPlan(std::uint64_t file_size, int sender, int senders)
    : file_size_(file_size),
      sender_(static_cast<std::uint64_t>(sender)),
      senders_(static_cast<std::uint64_t>(senders)) {
    SPATE_ASSERT(sender >= 1 && senders >= 1 && senders <= 1'000'000);
}

ByteRange AdvertisingPlan::share() const {
    return {cut(first_quarter()), cut(first_quarter() + parts)};
}

ByteRange AdvertisingPlan::part(int index) const {
    SPATE_ASSERT(index >= 0 && index < parts);
    const std::uint64_t quarter = first_quarter() + static_cast<std::uint64_t>(index);
    return {cut(quarter), cut(quarter + 1)};
}

std::string AdvertisingPlan::percent_text(int index) const {
    const auto [first, last] =
        percents(first_quarter() + static_cast<std::uint64_t>(index), senders_ * parts);
    return std::to_string(first) + "% to " + std::to_string(last) + '%';
}

std::string AdvertisingPlan::advertising_sentence(int index) const {
    return "I am client_" + std::to_string(sender_) +
           ", and I am advertising the following chunk of the file: " + percent_text(index);
}

std::string AdvertisingPlan::transferring_sentence(int index) const {
    const auto [first, last] =
        percents(first_quarter() + static_cast<std::uint64_t>(index), senders_ * parts);
    return "Transferring " + std::to_string(first) + " to " + std::to_string(last) + " percent of the file";
}

// size * quarter / quarters without a product that overflows: the quotient and the remainder apart.
std::uint64_t AdvertisingPlan::cut(std::uint64_t quarter) const {
    const std::uint64_t quarters = senders_ * parts;
    return file_size_ / quarters * quarter + file_size_ % quarters * quarter / quarters;
}

std::uint64_t AdvertisingPlan::first_quarter() const {
    return (sender_ - 1) % senders_ * parts;
}

}  // namespace spate::classic
