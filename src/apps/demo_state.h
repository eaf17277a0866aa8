// DemoState: what the demo's processes have said so far, and how it is shown: a line each while they work, a
// table at the end. Values and pure functions; the processes themselves are demo.h's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/range_set.h"
#include "base/time.h"

namespace spate::apps {

// One JSON event of a child, as client_teller.h writes it.
struct DemoEvent {
    std::string event, text, endpoint, peer, outcome;
    std::uint64_t bytes = 0, have = 0, size = 0, start = 0, end = 0;
};
// Nothing if the line is no such event.
std::optional<DemoEvent> parse_demo_event(std::string_view line);

struct DemoClient {
    std::string label;  // "client_6"
    bool sender = false;
    std::string endpoint;  // where it serves
    RangeSet announced;
    std::uint64_t served = 0;
    std::uint64_t have = 0;
    std::map<std::string, std::uint64_t> from;  // bytes by the endpoint they came from
    std::string outcome;                        // empty while it works
    std::optional<Duration> took;
    std::string md5;  // of its file, once it is there
    bool right = false;
};

struct DemoState {
    std::string tracker;  // its endpoint
    std::uint64_t file_size = 0;
    std::string file_name;
    std::vector<DemoClient> clients;  // senders first

    void take(DemoClient& client, const DemoEvent& event, Duration since_start);
    bool all_received() const;
};

std::vector<std::string> progress_lines(const DemoState& state);
// Who got how many bytes from whom, in what time, and the MD5.
std::vector<std::string> result_table(const DemoState& state);

}  // namespace spate::apps
