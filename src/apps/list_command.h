// spate list: what a tracker's catalogue has.
#pragma once

#include "apps/command.h"

namespace spate::apps {

void add_list_command(CLI::App& app, Chosen& chosen);

}  // namespace spate::apps
