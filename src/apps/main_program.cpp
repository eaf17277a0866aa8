#include "apps/main_program.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/core.h>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>

#include "apps/complaint.h"
#include "apps/manual.h"
#include "base/printable.h"

namespace spate::apps {

namespace {

// Before parsing, since a command may be required: `--completion bash` and `--man-page` ask about the program
// itself.
std::optional<int> answer_about_itself(const CLI::App& app, int argc, char** argv) {
    static const std::map<std::string_view, Shell> shells{
        {"bash", Shell::bash}, {"zsh", Shell::zsh}, {"fish", Shell::fish}};
    if (argc == 2 && std::string_view(argv[1]) == "--man-page") {
        fmt::print("{}", man_page(app));
        return exit_ok;
    }
    if (argc == 3 && std::string_view(argv[1]) == "--completion") {
        const auto shell = shells.find(argv[2]);
        if (shell == shells.end()) return std::nullopt;
        fmt::print("{}", completion_script(app, shell->second));
        return exit_ok;
    }
    return std::nullopt;
}

// A word in the place of a command that is none, or a flag nobody knows: said before what else is missing.
std::optional<std::string> unknown_word(const CLI::App& app, int argc, char** argv) {
    const auto* command = &app;
    const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
    if (argc > 1 && !commands.empty() && argv[1][0] != '-') {
        const auto found =
            std::ranges::find_if(commands, [&](const auto* each) { return each->check_name(argv[1]); });
        if (found == commands.end())
            return "there is no command '" + printable(argv[1], 100) + "'; '" + app.get_name() +
                   " --help' lists them";
        command = *found;
    }
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--") break;
        if (!word.starts_with("--")) continue;
        const std::string flag(word.substr(0, word.find('=')));
        if (command->get_option_no_throw(flag) == nullptr && app.get_option_no_throw(flag) == nullptr)
            return "there is no flag " + printable(flag, 100) + "; '" + app.get_name() +
                   (command == &app ? "" : " " + command->get_name()) + " --help' lists them";
    }
    return std::nullopt;
}

// What is wrong with the command line, in the form of every other complaint.
int complain_of_usage(const CLI::App& app, const CLI::ParseError& error, bool json) {
    std::string program = app.get_name();
    for (const auto* command : app.get_subcommands()) program += " " + command->get_name();
    complain({program, json}, printable(error.what(), 2000));
    const bool is_of_settings = dynamic_cast<const CLI::ConfigError*>(&error) != nullptr;
    if (!is_of_settings) fmt::print(stderr, "  '{} --help' tells more\n", program);
    return exit_usage;
}

// A file that we open must not get the number of a stream that the caller closed: what is said would be
// written into it.
void open_closed_streams() {
    for (const int stream : {0, 1, 2}) {
        if (fcntl(stream, F_GETFD) != -1 || errno != EBADF) continue;
        if (open("/dev/null", O_RDWR) != stream) std::abort();
    }
}

// Nobody is to take for success what could not be said. Not through fmt, which throws when it cannot write.
int complain_of_output(const std::string& name, int error) {
    if (error != EPIPE)
        std::fprintf(stderr, "%s: what it had to say could not be written%s%s\n", name.c_str(),
                     error != 0 ? ": " : "",
                     error != 0 ? std::generic_category().message(error).c_str() : "");
    return exit_failed;
}

int parse_and_run(int argc, char** argv, const std::string& name, const std::string& description,
                  const std::function<void(CLI::App&, Chosen&)>& add) {
    CLI::App app(description, name);
    app.set_version_flag("--version", name + " " SPATE_VERSION);
    std::string shell;
    app.add_option("--completion", shell, "Print the completion script of a shell, and end")
        ->type_name("bash|zsh|fish")
        ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
    bool man_page_wanted = false;
    app.add_flag("--man-page", man_page_wanted, "Print the man page, and end")->group("");
    Chosen chosen;
    add(app, chosen);
    if (const auto code = answer_about_itself(app, argc, argv)) return *code;
    if (argc == 1 && app.get_require_subcommand_min() > 0) {
        fmt::print(stderr, "{}", app.help());
        return exit_usage;
    }
    const bool json = std::find(argv, argv + argc, std::string_view("--json")) != argv + argc;
    if (const auto complaint = unknown_word(app, argc, argv)) {
        complain({name, json}, *complaint);
        return exit_usage;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return error.get_exit_code() == 0 ? app.exit(error) : complain_of_usage(app, error, json);
    }
    return chosen.run();
}

}  // namespace

int run_program(int argc, char** argv, const std::string& name, const std::string& description,
                const std::function<void(CLI::App&, Chosen&)>& add) {
    open_closed_streams();
    int code = exit_failed;
    try {
        code = parse_and_run(argc, argv, name, description, add);
    } catch (const std::system_error& error) {
        if (std::ferror(stdout) == 0 && std::ferror(stderr) == 0) throw;
        return complain_of_output(name, error.code().value());
    }
    errno = 0;
    const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    return written || code != exit_ok ? code : complain_of_output(name, errno);
}

}  // namespace spate::apps
