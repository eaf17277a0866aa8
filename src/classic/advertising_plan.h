// AdvertisingPlan: what sender k of n has to offer and announces step by step. The file is cut
// into n shares and each share into four parts; all parts of all senders touch, do not overlap and cover the
// file exactly, whatever its size (parts of a tiny file may be empty). Cuts are at size * i / (4n), rounded
// down. A value; any thread.
//
// Source: docs/protocols/classic.md.
#pragma once

#include <cstdint>
#include <string>

#include "base/range_set.h"

namespace spate::classic {

class AdvertisingPlan {
  public:
    static constexpr int parts = 4;

    // sender: from 1; above `senders` it counts on from 1 again (sender 6 of 5 has the first share). Both 1
    // or more (asserted), at most 1,000,000 senders.
    AdvertisingPlan(std::uint64_t file_size, int sender, int senders = 5);

    ByteRange share() const;          // all four parts
    ByteRange part(int index) const;  // 0 to 3
    // In whole percent of the file, as the original counts: "21% to 25%".
    std::string percent_text(int index) const;
    // "I am client_2, and I am advertising the following chunk of the file: 21% to 25%"
    std::string advertising_sentence(int index) const;
    // "Transferring 21 to 25 percent of the file"
    std::string transferring_sentence(int index) const;

  private:
    std::uint64_t cut(std::uint64_t quarter) const;
    std::uint64_t first_quarter() const;

    std::uint64_t file_size_;
    std::uint64_t sender_;  // as given
    std::uint64_t senders_;
};

}  // namespace spate::classic
