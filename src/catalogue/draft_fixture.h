// For tests: a catalogue whose batches are always stored. Private to the module's tests.
#pragma once

#include <string>
#include <vector>

#include "catalogue/draft.h"

namespace spate::catalogue {

inline const Address alice = Address::v4(192, 0, 2, 1);
inline const Address bob = Address::v4(192, 0, 2, 2);

inline classic::CreateTracker create_of(std::string name, std::uint64_t size = 1000,
                                        std::uint16_t port = 6361) {
    return {std::move(name), size, "a picture", std::string(32, 'a'), true, "127.0.0.1", port};
}

// A catalogue whose batches are always stored.
struct Tracker {
    Limits limits;
    Catalogue catalogue;
    WallTime now{1000};

    template <class Plan>
    Outcome change(Plan plan) {
        Draft draft(catalogue, limits, now);
        const Outcome outcome = plan(draft);
        catalogue.adopt(draft.take(), limits.removed_names);
        return outcome;
    }
    Answer create(const classic::CreateTracker& request, const Address& from = alice) {
        return change([&](Draft& draft) { return draft.create(request, from, Verification::unchecked); })
            .answer;
    }
    Answer update(const std::string& name, std::uint64_t start, std::uint64_t end,
                  std::uint16_t port = 6361) {
        return change([&](Draft& draft) { return draft.update({name, start, end, "127.0.0.1", port}); })
            .answer;
    }
    // "start-end" of each peer line.
    std::vector<std::string> ranges(std::string_view name) const {
        std::vector<std::string> all;
        for (const auto& peer : catalogue.find(name)->peers) {
            all.push_back(std::to_string(peer.start) + "-" + std::to_string(peer.end));
        }
        return all;
    }
};

}  // namespace spate::catalogue
