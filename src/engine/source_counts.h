// SourceCounts: how many connections each source (an IPv4 address, the /64 of an IPv6 one) has at all listen
// ports of a process. Limit: the connections counted, whose caps their owners keep. Owner: SessionLedgers.
// Thread: any.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include "base/assert.h"
#include "base/endpoint.h"

namespace spate::engine {

class SourceCounts {
  private:
    friend class CountedSource;
    std::uint32_t add(const Address& source) {
        const std::scoped_lock lock(mutex_);
        return ++counts_[source];
    }
    void remove(const Address& source) {
        const std::scoped_lock lock(mutex_);
        const auto it = counts_.find(source);
        SPATE_ASSERT(it != counts_.end());
        if (--it->second == 0) counts_.erase(it);
    }

    std::mutex mutex_;
    std::map<Address, std::uint32_t> counts_;
};

// One connection, counted for as long as this is held.
class CountedSource {
  public:
    CountedSource(SourceCounts& counts, const Address& source)
        : counts_(&counts), source_(source), total_(counts.add(source)) {}
    CountedSource(CountedSource&& other) noexcept
        : counts_(std::exchange(other.counts_, nullptr)), source_(other.source_), total_(other.total_) {}
    CountedSource& operator=(CountedSource&&) = delete;
    ~CountedSource() {
        if (counts_ != nullptr) counts_->remove(source_);
    }
    // The source's connections when it came, this one among them.
    std::uint32_t total() const { return total_; }

  private:
    SourceCounts* counts_;
    Address source_;
    std::uint32_t total_;
};

}  // namespace spate::engine
