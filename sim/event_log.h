// EventLog: what happened in a run, in order, as a running hash; and as lines of text if somebody listens.
// Equal seeds must give equal hashes: nothing that differs between two runs of one program (addresses of
// objects, real time) goes in. Marks count how often a named thing happened, so that a test can assert that
// it really met what it is about.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "base/time.h"

namespace spate::sim {

class EventLog {
  public:
    using Sink = std::function<void(std::string_view line)>;  // without a line end

    void write_lines_to(Sink sink) { sink_ = std::move(sink); }
    void record(Duration since_start, std::string_view who, std::string_view what,
                std::initializer_list<std::uint64_t> numbers);
    void mark(std::string_view name);

    std::uint64_t hash() const { return hash_; }
    std::uint64_t count() const { return count_; }
    std::uint64_t marked(std::string_view name) const;  // how often; 0 when never
    const std::map<std::string, std::uint64_t, std::less<>>& marks() const { return marks_; }

  private:
    Sink sink_;
    std::uint64_t hash_ = 0xcbf29ce484222325ULL;
    std::uint64_t count_ = 0;
    std::map<std::string, std::uint64_t, std::less<>> marks_;
};

}  // namespace spate::sim
