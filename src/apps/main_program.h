// What the mains of spate and client share: parse, say what is wrong with the command line, run what was
// chosen.
#pragma once

#include <functional>
#include <string>

#include "apps/command.h"

namespace spate::apps {

int run_program(int argc, char** argv, const std::string& name, const std::string& description,
                const std::function<void(CLI::App&, Chosen&)>& add);

}  // namespace spate::apps
