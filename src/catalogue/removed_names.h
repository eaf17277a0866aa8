// RemovedNames: the last sequence of each publication that was removed, by name and publisher, so that an old
// request that somebody kept cannot bring it back. At most so many; the oldest are forgotten first, and the
// highest sequence of all that were forgotten stays, as a row without a name: whoever comes anew must be
// above it. Numbered as the rows of the database are, so that memory and disk forget the same ones. Owner and
// thread: as the Catalogue's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hash/signature.h"

namespace spate::catalogue {

struct RemovedName {
    std::string name;
    hash::PublicKey publisher{};
    std::uint64_t sequence = 0;
    bool operator==(const RemovedName&) const = default;
};

class RemovedNames {
  public:
    // Of the row without a name.
    static constexpr std::int64_t floor_number = 0;

    // As the newest, in place of an earlier one of the same name and publisher.
    void note(const RemovedName& removed, std::size_t count_max);
    // As loaded: in ascending order of their numbers.
    void load(std::int64_t number, RemovedName removed);

    // Which a publication under a name that is not there must be above.
    std::optional<std::uint64_t> sequence(std::string_view name, const hash::PublicKey& publisher) const;
    std::vector<RemovedName> all() const;  // oldest first
    // The highest sequence of all that were forgotten.
    std::optional<std::uint64_t> floor() const { return floor_; }
    std::size_t count() const { return by_number_.size(); }

  private:
    void forget_up_to(std::int64_t number);

    std::optional<std::uint64_t> floor_;  // nothing was forgotten yet
    std::map<std::int64_t, RemovedName> by_number_;
    std::unordered_map<std::string, std::int64_t> numbers_;  // by name and publisher
};

}  // namespace spate::catalogue
