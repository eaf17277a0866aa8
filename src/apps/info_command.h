// spate info: what a .torrent file or a magnet link says.
#pragma once

#include "apps/command.h"

namespace spate::apps {

void add_info_command(CLI::App& app, Chosen& chosen);

}  // namespace spate::apps
