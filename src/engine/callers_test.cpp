#include "engine/callers.h"

#include <gtest/gtest.h>
#include <string>
#include <system_error>

namespace spate::engine {
namespace {

TEST(Callers, ThereAreNeverTooMany) {
    Callers callers;
    for (std::size_t i = 0; i < Callers::arrivals_max; ++i) {
        EXPECT_FALSE(callers.full());
        EXPECT_TRUE(callers.arrive(nullptr, {}));
    }
    EXPECT_TRUE(callers.full());
    EXPECT_FALSE(callers.arrive(nullptr, {}));
    const Endpoint peer{Address::v4(9, 9, 9, 9), 6881};
    for (std::size_t i = 0; i < Callers::arrivals_max; ++i) EXPECT_TRUE(callers.add_named(peer));
    EXPECT_FALSE(callers.add_named(peer));
    for (std::size_t i = 0; i < Callers::told_max; ++i) EXPECT_TRUE(callers.add_told(peer, peer.address));
    EXPECT_FALSE(callers.add_told(peer, peer.address));
}

TEST(Callers, WhoAskedForSomethingHearsWhyItIsNotDone) {
    Callers callers;
    std::string answers;
    for (int i = 0; i < 3; ++i)
        callers.ask([&](const Result<Torrent*>& torrent) {
            ASSERT_FALSE(torrent);
            answers += torrent.error().detail + "; ";
        });
    callers.dismiss(Error::invalid("wake up", "a", "gone", std::errc::no_such_file_or_directory));
    EXPECT_EQ(answers, "gone; gone; gone; ");
}

}  // namespace
}  // namespace spate::engine
