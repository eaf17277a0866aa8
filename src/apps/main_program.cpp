#include "apps/main_program.h"

#include <CLI/CLI.hpp>

namespace spate::apps {

int run_program(int argc, char** argv, const std::string& name, const std::string& description,
                const std::function<void(CLI::App&, Chosen&)>& add) {
    CLI::App app(description, name);
    app.set_version_flag("--version", name + " " SPATE_VERSION);
    Chosen chosen;
    add(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_ok : exit_usage;
    }
    return chosen.run();
}

}  // namespace spate::apps
