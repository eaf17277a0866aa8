// The settings file: what a person wants every time, in TOML; a table a command, a key an option by its long
// name. The command line wins over the environment (SPATE_TRACKER), both win over the file: a setting that
// cannot stand beside what they gave is passed over.
//
//   [get]
//   limit-down = "20M"
//   [tracker]
//   listen = ["0.0.0.0:3456", "[::]:3456"]
//
// Read from $XDG_CONFIG_HOME/spate/spate.toml (~/.config/spate/spate.toml), if it is there, or from where
// --config says. A file that cannot be read, a table that no command has, and in the chosen command's table a
// key or value that is none, are errors that name file, line and key: a misspelt limit must not be silently
// no limit. Who asks for help gets it all the same.
#pragma once

namespace CLI {
class App;
}

namespace spate::apps {

// Adds --config to the program; call it after the commands were added.
void add_settings_file(CLI::App& app);

}  // namespace spate::apps
