// Attribution: which source supplied which bytes of a file, as runs. The last supplier of a byte counts.
// Bounded: beyond `runs_max` runs a new run that cannot be joined to its neighbour is not recorded, and its
// bytes count as unknown.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "classic_peer/source.h"

namespace spate::classic_peer {

class Attribution {
  public:
    struct Run {
        ByteRange range;
        SourceId source = unknown_source;
        auto operator<=>(const Run&) const = default;
    };

    explicit Attribution(std::size_t runs_max = 65'536) : runs_max_(runs_max) {}

    void record(ByteRange range, SourceId source);
    // Unknown where nobody is recorded.
    SourceId supplier_of(std::uint64_t byte) const;
    // The one supplier of all of the range, or unknown.
    SourceId sole_supplier_of(ByteRange range) const;
    std::vector<Run> runs() const;
    std::size_t count() const { return runs_.size(); }

  private:
    struct Tail {
        std::uint64_t end;
        SourceId source;
    };
    void erase(ByteRange range);

    std::size_t runs_max_;
    std::map<std::uint64_t, Tail> runs_;  // start -> end, source; disjoint
};

}  // namespace spate::classic_peer
