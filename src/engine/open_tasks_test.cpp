#include "engine/open_tasks.h"

#include <gtest/gtest.h>
#include <string>
#include <system_error>

namespace spate::engine {
namespace {

struct Answers {
    OpenTasks::Done one() {
        return [this](const Result<void>& result) { all += result ? "+" : "-"; };
    }
    std::string all;
};

const Error stopped = Error::invalid("move", "torrent", "it was stopped", std::errc::operation_canceled);

TEST(OpenTasks, EachIsAnsweredOnce) {
    Answers answers;
    OpenTasks tasks;
    EXPECT_TRUE(tasks.empty());
    auto first = tasks.add(answers.one());
    auto second = tasks.add(answers.one());
    first({});
    EXPECT_FALSE(tasks.empty());
    tasks.dismiss(stopped);
    second({});
    tasks.dismiss(stopped);
    EXPECT_EQ(answers.all, "+-");
    EXPECT_TRUE(tasks.empty());
}

TEST(OpenTasks, AnsweredOnesTakeNoPlace) {
    Answers answers;
    OpenTasks tasks;
    for (std::size_t i = 0; i < OpenTasks::tasks_max * 2; ++i) {
        ASSERT_FALSE(tasks.full());
        tasks.add(answers.one())({});
    }
    for (std::size_t i = 0; i < OpenTasks::tasks_max; ++i) tasks.add(answers.one());
    EXPECT_TRUE(tasks.full());
}

}  // namespace
}  // namespace spate::engine
