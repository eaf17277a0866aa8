// server: the original system's tracker. Without an argument on 127.0.0.1:3456 with its tracker files in
// test_server/; with one, as the config file sconfig says (classic protocol, section 4).
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "apps/complaint.h"
#include "apps/config_text.h"
#include "apps/main_program.h"
#include "apps/tracker_program.h"
#include "classic/config_file.h"

namespace spate::apps {
namespace {

int run(const std::string& config_path) {
    TrackerSettings settings;
    settings.program = "server";
    settings.other_place = "name another port in a config file (SCONFIG)";
    settings.state_folder = "test_server";
    if (!config_path.empty()) {
        const auto config = read_config(config_path, classic::parse_tracker_config);
        if (!config) return complain({"server"}, config.error());
        settings.options.listen = {{Address::loopback(), config->port}};
        settings.state_folder = config->folder;
    }
    settings.greeting = "I am the tracker, and I keep the tracker files in " + settings.state_folder;
    return run_tracker(settings);
}

void add_server(CLI::App& app, Chosen& chosen) {
    auto config_path = std::make_shared<std::string>();
    app.add_option(
        "SCONFIG", *config_path,
        "A file of two lines: the port, and the folder of the tracker files. Without it: port 3456, "
        "test_server");
    app.footer(
        "It listens on 127.0.0.1. More to set, other addresses among it: spate tracker --help\n"
        "Examples:\n"
        "  server\n"
        "  server sconfig\n");
    app.callback([config_path, &chosen] { chosen.run = [config_path] { return run(*config_path); }; });
}

}  // namespace
}  // namespace spate::apps

int main(int argc, char** argv) {
    return spate::apps::run_program(argc, argv, "server", "The tracker of the original system.",
                                    spate::apps::add_server);
}
