// `spate tracker`: the tracker with everything to set.
#pragma once

#include "apps/command.h"

namespace spate::apps {

void add_tracker_command(CLI::App& app, Chosen& chosen);

}  // namespace spate::apps
