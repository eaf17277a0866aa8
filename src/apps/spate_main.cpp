// spate: one program for everything. Each word is a command; see command.h.
#include <CLI/CLI.hpp>

#include "apps/command.h"
#include "apps/tracker_command.h"

namespace spate::apps {
namespace {

constexpr AddCommand commands[] = {
    add_tracker_command,
};

int run(int argc, char** argv) {
    CLI::App app("Spate moves files from the machines that have them to the machines that want them.",
                 "spate");
    app.require_subcommand(1);
    app.set_version_flag("--version", "spate " SPATE_VERSION);
    Chosen chosen;
    for (const auto add : commands) add(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_ok : exit_usage;
    }
    return chosen.run();
}

}  // namespace
}  // namespace spate::apps

int main(int argc, char** argv) {
    return spate::apps::run(argc, argv);
}
