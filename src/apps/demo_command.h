// `spate demo`: the original system on this machine, to look at.
#pragma once

#include "apps/command.h"

namespace spate::apps {

void add_demo_command(CLI::App& app, Chosen& chosen);

}  // namespace spate::apps
