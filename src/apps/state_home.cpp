#include "apps/state_home.h"

#include <cstdlib>

namespace spate::apps {

std::string state_home() {
    // A relative XDG path is to be ignored, the specification says.
    if (const char* xdg = std::getenv("XDG_STATE_HOME"); xdg != nullptr && xdg[0] == '/')
        return std::string(xdg) + "/spate";
    if (const char* home = std::getenv("HOME"); home != nullptr && home[0] == '/')
        return std::string(home) + "/.local/state/spate";
    return "/var/lib/spate";
}

}  // namespace spate::apps
