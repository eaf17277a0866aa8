// spate remove: takes an entry that one published out of a tracker's catalogue.
#pragma once

#include "apps/command.h"

namespace spate::apps {

void add_remove_command(CLI::App& app, Chosen& chosen);

}  // namespace spate::apps
