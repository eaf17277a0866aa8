// spate: one program for everything. Each word is a command; see command.h.
#include <CLI/CLI.hpp>

#include "apps/client_command.h"
#include "apps/create_command.h"
#include "apps/demo_command.h"
#include "apps/get_command.h"
#include "apps/info_command.h"
#include "apps/list_command.h"
#include "apps/main_program.h"
#include "apps/remove_command.h"
#include "apps/settings_file.h"
#include "apps/share_command.h"
#include "apps/tracker_command.h"
#include "apps/verify_command.h"

namespace spate::apps {
namespace {

constexpr AddCommand commands[] = {
    add_share_command,  add_list_command, add_get_command,    add_remove_command, add_tracker_command,
    add_client_command, add_demo_command, add_create_command, add_info_command,   add_verify_command,
};

void add_commands(CLI::App& app, Chosen& chosen) {
    app.require_subcommand(1);
    for (const auto add : commands) add(app, chosen);
    add_settings_file(app);
}

}  // namespace
}  // namespace spate::apps

int main(int argc, char** argv) {
    return spate::apps::run_program(
        argc, argv, "spate",
        "Spate moves files from the machines that have them to the machines that want them.",
        spate::apps::add_commands);
}
