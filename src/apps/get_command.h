// spate get: downloads what a catalogue lists, a .torrent or a magnet link names.
#pragma once

#include "apps/command.h"

namespace spate::apps {

void add_get_command(CLI::App& app, Chosen& chosen);

}  // namespace spate::apps
