// spate verify: whether files are what a .torrent says.
#pragma once

#include "apps/command.h"

namespace spate::apps {

void add_verify_command(CLI::App& app, Chosen& chosen);

}  // namespace spate::apps
