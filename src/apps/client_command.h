// The classic peer as a program: `client LIST C6`, `client TRACKER C1`, and the same as `spate client …`.
#pragma once

#include "apps/command.h"

namespace spate::apps {

// `spate client`.
void add_client_command(CLI::App& app, Chosen& chosen);
// The whole command line of the program `client`.
void add_client_options(CLI::App& app, Chosen& chosen);

}  // namespace spate::apps
