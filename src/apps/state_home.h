// Where a user's state lives: $XDG_STATE_HOME/spate, or ~/.local/state/spate (XDG Base Directory
// Specification).
#pragma once

#include <string>

namespace spate::apps {

std::string state_home();

}  // namespace spate::apps
