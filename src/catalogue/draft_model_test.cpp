// The rules of draft.h against a naive model, with random requests, batches and sweeps.
#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <string>

#include "base/rng.h"
#include "catalogue/draft_fixture.h"
#include "catalogue/peer_rules.h"

namespace spate::catalogue {
namespace {

// The same rules, written down as plainly as possible: one map, no batches, no lazy anything.
struct NaiveTracker {
    struct Line {
        std::uint64_t start, end;
        std::int64_t time;
        bool from_create;
    };
    struct File {
        std::uint64_t size;
        std::map<std::uint16_t, Line> lines;
    };
    std::map<std::string, File> files;
    const Limits& limits;

    Answer create(const std::string& name, std::uint64_t size, std::uint16_t port, std::int64_t now) {
        if (files.contains(name)) return Answer::ferr;
        if (files.size() >= limits.entries) return Answer::fail;
        files[name] = {size, {{port, {0, size, now, true}}}};
        return Answer::succ;
    }
    Answer update(const std::string& name, std::uint64_t start, std::uint64_t end, std::uint16_t port,
                  std::int64_t now) {
        if (!files.contains(name)) return Answer::ferr;
        auto& file = files[name];
        if (start > end || end > file.size) return Answer::fail;
        std::erase_if(file.lines, [&](const auto& item) { return now - item.second.time > 900; });
        const auto known = file.lines.find(port);
        if (known == file.lines.end()) {
            if (file.lines.size() >= limits.peers_per_entry) return Answer::fail;
            file.lines[port] = {start, end, now, false};
            return Answer::succ;
        }
        auto& line = known->second;
        const bool apart = start > line.end + 1 || line.start > end + 1;
        if (line.from_create || apart) {
            line = {start, end, now, false};
        } else {
            line = {std::min(start, line.start), std::max(end, line.end), now, false};
        }
        return Answer::succ;
    }
};

TEST(Draft, AgreesWithTheNaiveTrackerWhateverTheBatches) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        Rng rng(seed);
        Tracker tracker;
        tracker.limits.entries = 4;
        tracker.limits.peers_per_entry = 5;
        NaiveTracker naive{{}, tracker.limits};
        while (naive.files.size() < 4 || rng.chance(199, 200)) {
            Draft draft(tracker.catalogue, tracker.limits, tracker.now);
            for (auto left = rng.below(6); left > 0; --left) {
                const std::string name(1, static_cast<char>('a' + rng.below(5)));
                const auto port = static_cast<std::uint16_t>(1 + rng.below(7));
                const auto now = tracker.now.unix_seconds;
                if (rng.chance(1, 8)) {
                    const auto size = rng.below(30);
                    ASSERT_EQ(
                        draft.create(create_of(name, size, port), alice, Verification::unchecked).answer,
                        naive.create(name, size, port, now));
                } else if (rng.chance(1, 8)) {
                    draft.sweep(name);  // may come at any time and must not show
                } else {
                    const auto start = rng.below(30), end = rng.below(31);
                    ASSERT_EQ(draft.update({name, start, end, "127.0.0.1", port}).answer,
                              naive.update(name, start, end, port, now));
                }
            }
            tracker.catalogue.adopt(draft.take(), tracker.limits.removed_names);
            tracker.now.unix_seconds += static_cast<std::int64_t>(rng.below(rng.chance(1, 10) ? 1000 : 100));
            std::size_t peers = 0;
            for (const auto& [name, file] : naive.files) {
                const auto* entry = tracker.catalogue.find(name);
                ASSERT_NE(entry, nullptr);
                peers += entry->peers.size();
                std::map<std::uint16_t, std::string> living, expected;
                for (const auto& peer : entry->peers) {
                    if (is_dead(peer, tracker.now, tracker.limits.peer_timeout)) continue;
                    living[peer.port] = std::to_string(peer.start) + "-" + std::to_string(peer.end);
                }
                for (const auto& [port, line] : file.lines) {
                    if (tracker.now.unix_seconds - line.time > 900) continue;
                    expected[port] = std::to_string(line.start) + "-" + std::to_string(line.end);
                }
                ASSERT_EQ(living, expected) << "seed " << seed;
            }
            ASSERT_EQ(tracker.catalogue.peer_count(), peers);
        }
    }
}

}  // namespace
}  // namespace spate::catalogue
