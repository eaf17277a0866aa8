#include "apps/manual.h"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

namespace spate::apps {
namespace {

struct Program {
    CLI::App app{"Does things", "prog"};
    int number = 7;
    bool flag = false;
    Program() {
        auto* command = app.add_subcommand("share", "Share a file's bytes");
        command->add_option("--depth", number, "How deep. 'Very' - or\n.not")
            ->capture_default_str()
            ->envname("PROG_DEPTH");
        command->add_flag("-q,--quiet", flag, ".quiet or not");
        command->footer("Examples:\n  prog share --depth 3\n");
        app.add_flag("--hidden", flag, "Not for people")->group("");
    }
};

TEST(ManPage, HasEveryCommandAndFlagAndNoRequestByAccident) {
    Program program;
    const auto page = man_page(program.app);
    EXPECT_TRUE(page.starts_with(".TH PROG 1"));
    for (const char* part : {".SS share", "\\-\\-depth", "(default 7) (environment: PROG_DEPTH)",
                             "\\-\\-quiet", "prog share \\-\\-depth 3"})
        EXPECT_NE(page.find(part), page.npos) << part;
    EXPECT_EQ(page.find("\n.not"), page.npos);
    EXPECT_EQ(page.find("\n.quiet"), page.npos);
    EXPECT_EQ(page.find("hidden"), page.npos);
}

TEST(Completion, KnowsCommandsAndFlagsInEveryShell) {
    Program program;
    for (const auto shell : {Shell::bash, Shell::zsh, Shell::fish}) {
        const auto script = completion_script(program.app, shell);
        for (const char* part : {"share", "depth", "quiet"})
            EXPECT_NE(script.find(part), script.npos) << part;
        EXPECT_EQ(script.find("hidden"), script.npos);
    }
}

// The others of the program's say what is done instead.
TEST(Completion, OffersTheSettingsFileBehindACommandToo) {
    Program program;
    std::string path;
    program.app.add_option("--config", path, "Settings");
    program.app.add_flag("--else", program.flag, "Something else");
    EXPECT_EQ(completion_script(program.app, Shell::bash).find("--quiet -q --config"), std::string::npos);
    program.app.get_subcommand("share")->fallthrough();
    EXPECT_NE(completion_script(program.app, Shell::bash).find("--quiet -q --config'"), std::string::npos);
    const auto fish = completion_script(program.app, Shell::fish);
    EXPECT_NE(fish.find("__fish_seen_subcommand_from share' -l config"), std::string::npos);
    EXPECT_EQ(fish.find("__fish_seen_subcommand_from share' -l else"), std::string::npos);
}

}  // namespace
}  // namespace spate::apps
