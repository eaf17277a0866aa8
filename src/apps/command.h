// Command: how one of spate's words ("create", "tracker") joins the program. A command is one file with an
// add_X_command() and one row in the table of spate_main.cpp. Parsing only fills its options; what it does
// runs after parsing is done.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace spate::apps {

// Exit codes of all programs.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;         // it did not work; the reason is on standard error
inline constexpr int exit_usage = 2;          // the command line is wrong
inline constexpr int exit_interrupted = 130;  // ended by SIGINT before it was done

// Filled by the command that the user named.
struct Chosen {
    std::move_only_function<int()> run;
};

using AddCommand = void (*)(CLI::App& app, Chosen& chosen);

}  // namespace spate::apps
