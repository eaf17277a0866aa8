// client: the original system's peer, with the running guide's command lines.
#include "apps/client_command.h"
#include "apps/main_program.h"

int main(int argc, char** argv) {
    return spate::apps::run_program(
        argc, argv, "client", "The original system's peer: receives the shared file, or sends a fifth of it.",
        [](CLI::App& app, spate::apps::Chosen& chosen) { spate::apps::add_client_options(app, chosen); });
}
