// server: the original system's tracker. Without an argument on 127.0.0.1:3456 with its tracker files in
// test_server/; with one, as the config file sconfig says (classic protocol, section 4).
#include <cstdio>
#include <fmt/core.h>
#include <fstream>
#include <iterator>
#include <string>

#include "apps/command.h"
#include "apps/config_text.h"
#include "apps/tracker_program.h"
#include "classic/config_file.h"

namespace spate::apps {
namespace {

constexpr auto usage =
    "usage: server [SCONFIG]\n"
    "  The tracker of the original system. Without SCONFIG it listens on 127.0.0.1:3456 and keeps its "
    "tracker\n"
    "  files in test_server/ of this folder. SCONFIG is a file of two lines: the port, and the folder.\n"
    "examples:\n"
    "  server\n"
    "  server sconfig\n"
    "More to set: spate tracker --help\n";

int run(int argc, char** argv) {
    const std::string argument = argc > 1 ? argv[1] : "";
    if (argument == "--help" || argument == "-h") {
        fmt::print("{}", usage);
        return exit_ok;
    }
    if (argument == "--version") {
        fmt::print("server {}\n", SPATE_VERSION);
        return exit_ok;
    }
    if (argc > 2 || argument.starts_with("-")) {
        fmt::print(stderr, "{}", usage);
        return exit_usage;
    }
    TrackerSettings settings;
    settings.state_folder = "test_server";
    settings.greeting = "I am the tracker, and I keep the tracker files in ";
    if (argc == 2) {
        const auto config = read_config(argument, classic::parse_tracker_config);
        if (!config) return exit_failed;
        settings.options.listen = {{Address::loopback(), config->port}};
        settings.state_folder = config->folder;
    }
    settings.greeting += settings.state_folder;
    return run_tracker(settings);
}

}  // namespace
}  // namespace spate::apps

int main(int argc, char** argv) {
    return spate::apps::run(argc, argv);
}
