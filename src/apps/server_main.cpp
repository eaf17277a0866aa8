// server: the original system's tracker. Without an argument on 127.0.0.1:3456 with its tracker files in
// test_server/; with one, as the config file sconfig says (classic protocol, section 4).
#include <cstdio>
#include <fmt/core.h>
#include <fstream>
#include <iterator>
#include <string>

#include "apps/command.h"
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

bool read_config(const char* path, TrackerSettings& settings) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        fmt::print(stderr, "server: cannot open the config file {}\n", path);
        return false;
    }
    std::string text;
    char buffer[4096];
    while (text.size() <= 64 * 1024 && (file.read(buffer, sizeof buffer), file.gcount() > 0))
        text.append(buffer, static_cast<std::size_t>(file.gcount()));
    const auto config = classic::parse_tracker_config(text, path);
    if (!config) {
        fmt::print(stderr, "server: {}\n", config.error().message());
        return false;
    }
    settings.options.listen = {{Address::loopback(), config->port}};
    settings.state_folder = config->folder;
    return true;
}

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
    if (argc == 2 && !read_config(argv[1], settings)) return exit_failed;
    settings.greeting += settings.state_folder;
    return run_tracker(settings);
}

}  // namespace
}  // namespace spate::apps

int main(int argc, char** argv) {
    return spate::apps::run(argc, argv);
}
