// spate create: a .torrent from a file or a folder.
#pragma once

#include "apps/command.h"

namespace spate::apps {

void add_create_command(CLI::App& app, Chosen& chosen);

}  // namespace spate::apps
