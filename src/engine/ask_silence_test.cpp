#include "engine/ask_silence.h"

#include <gtest/gtest.h>

namespace spate::engine {
namespace {

constexpr TimePoint start{};

TEST(AskSilence, LastsUntilItAsks) {
    AskSilence silence;
    EXPECT_FALSE(silence.look(start + AskSilence::ask_time));  // it may not ask
    silence.begin(start);
    silence.begin(start + AskSilence::ask_time / 2);
    EXPECT_FALSE(silence.look(start + AskSilence::ask_time / 2));
    EXPECT_FALSE(silence.let_slot_lie());
    EXPECT_TRUE(silence.look(start + AskSilence::ask_time));
    EXPECT_TRUE(silence.let_slot_lie());
    silence.end();
    EXPECT_FALSE(silence.lasts());
    EXPECT_TRUE(silence.let_slot_lie());
    EXPECT_TRUE(silence.on_request());
    EXPECT_FALSE(silence.let_slot_lie());
}

TEST(AskSilence, WhoAskedOnceIsNotSilent) {
    AskSilence silence;
    silence.begin(start);
    EXPECT_FALSE(silence.on_request());
    EXPECT_TRUE(silence.asked());
    silence.begin(start);
    EXPECT_FALSE(silence.lasts());
}

}  // namespace
}  // namespace spate::engine
