// The man page and the shell completions of a program, made from its own CLI::App, so that they never say
// anything else than
// --help does. Pure functions.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace spate::apps {

// A man(7) page in section 1. Sub-commands have sections of their own in it.
std::string man_page(const CLI::App& app);

enum class Shell { bash, zsh, fish };
// A script that completes the program's commands, flags, and the words a flag may take; elsewhere file names.
std::string completion_script(const CLI::App& app, Shell shell);

}  // namespace spate::apps
