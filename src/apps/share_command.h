// spate share: makes a torrent of a file or a folder, publishes it in a tracker's catalogue, and shares it.
#pragma once

#include "apps/command.h"

namespace spate::apps {

void add_share_command(CLI::App& app, Chosen& chosen);

}  // namespace spate::apps
