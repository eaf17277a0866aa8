#include "apps/manual.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace spate::apps {

namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
    return app.get_options(
        [](const CLI::Option* option) { return option->nonpositional() && !option->get_group().empty(); });
}

// Text as roff takes it: no escape begins by accident, no line is a request.
std::string roff(std::string_view text) {
    std::string safe;
    if (text.starts_with('.') || text.starts_with('\'')) safe += "\\&";
    for (const char c : text) {
        if (c == '\\')
            safe += "\\e";
        else if (c == '-')
            safe += "\\-";
        else
            safe += c;
        if (c == '\n') safe += "\\&";
    }
    return safe;
}

void append_options(std::string& page, const CLI::App& app) {
    for (const auto* option : app.get_options([](const CLI::Option* o) { return o->get_positional(); }))
        page +=
            fmt::format(".TP\n.I {}\n{}\n", roff(option->get_name(true)), roff(option->get_description()));
    for (const auto* option : options_of(app)) {
        std::string value;
        if (option->get_type_size() != 0) value = " " + option->get_type_name();
        std::string standard = option->get_default_str();
        const bool is_of_this_user = standard.starts_with('/');
        if (is_of_this_user) standard.clear();
        if (!standard.empty()) standard = " (default " + standard + ")";
        if (!option->get_envname().empty()) standard += " (environment: " + option->get_envname() + ")";
        page += fmt::format(".TP\n.B {}{}\n{}{}\n", roff(option->get_name(false, true)), roff(value),
                            roff(option->get_description()), roff(standard));
    }
}

void append_command(std::string& page, const CLI::App& command) {
    page += fmt::format(".SS {}\n{}\n", roff(command.get_name()), roff(command.get_description()));
    append_options(page, command);
    if (!command.get_footer().empty()) page += fmt::format(".PP\n.nf\n{}.fi\n", roff(command.get_footer()));
    for (const auto* inner : commands_of(command)) append_command(page, *inner);
}

// And those of the program that may stand behind the command and are for what it does.
std::vector<const CLI::Option*> options_behind(const CLI::App& command) {
    auto options = options_of(command);
    if (!command.get_fallthrough() || command.get_parent() == nullptr) return options;
    if (const auto* settings = command.get_parent()->get_option_no_throw("--config"))
        options.push_back(settings);
    return options;
}

std::vector<std::string> flag_words(const CLI::App& app) {
    std::vector<std::string> words;
    for (const auto* option : options_behind(app)) {
        for (const auto& name : option->get_lnames()) words.push_back("--" + name);
        for (const auto& name : option->get_snames()) words.push_back("-" + name);
    }
    return words;
}

std::string bash_script(const CLI::App& app) {
    std::string cases;
    std::vector<std::string> commands;
    for (const auto* command : commands_of(app)) {
        commands.push_back(command->get_name());
        cases +=
            fmt::format("    {}) words='{}' ;;\n", command->get_name(), fmt::join(flag_words(*command), " "));
    }
    const auto name = app.get_name();
    return fmt::format(
        "# bash completion of {0}\n"
        "_{0}_complete() {{\n"
        "  local current=${{COMP_WORDS[COMP_CWORD]}} words='{1} {2}'\n"
        "  if [ \"$COMP_CWORD\" -gt 1 ]; then case ${{COMP_WORDS[1]}} in\n"
        "{3}"
        "    *) words='{2}' ;;\n"
        "  esac; fi\n"
        "  COMPREPLY=()\n"
        "  if [[ $current == -* || $COMP_CWORD -eq 1 ]]; then COMPREPLY=($(compgen -W \"$words\" -- "
        "\"$current\")); fi\n"
        "}}\n"
        "complete -o default -F _{0}_complete {0}\n",
        name, fmt::join(commands, " "), fmt::join(flag_words(app), " "), cases);
}

std::string quoted(std::string text) {
    for (std::size_t at = 0; (at = text.find('\'', at)) != text.npos; at += 4) text.replace(at, 1, "'\\''");
    std::replace(text.begin(), text.end(), '\n', ' ');
    return "'" + text + "'";
}

std::string fish_script(const CLI::App& app) {
    std::string script = "# fish completion of " + app.get_name() + "\n";
    const auto options = [&](const CLI::App& owner, const std::string& condition) {
        for (const auto* option : options_behind(owner)) {
            for (const auto& name : option->get_lnames())
                script += fmt::format("complete -c {}{} -l {} -d {}\n", app.get_name(), condition, name,
                                      quoted(option->get_description()));
        }
    };
    for (const auto* command : commands_of(app)) {
        script += fmt::format("complete -c {} -n __fish_use_subcommand -a {} -d {}\n", app.get_name(),
                              command->get_name(), quoted(command->get_description()));
        options(*command, fmt::format(" -n '__fish_seen_subcommand_from {}'", command->get_name()));
    }
    options(app, commands_of(app).empty() ? "" : " -n __fish_use_subcommand");
    return script;
}

std::string zsh_script(const CLI::App& app) {
    // zsh reads bash's completion functions through its own bridge.
    return fmt::format("#compdef {0}\nautoload -U +X bashcompinit && bashcompinit\n{1}", app.get_name(),
                       bash_script(app));
}

}  // namespace

std::string man_page(const CLI::App& app) {
    std::string upper = app.get_name();
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    std::string page = fmt::format(".TH {} 1 \"\" \"Spate {}\"\n.SH NAME\n{} \\- {}\n", upper, SPATE_VERSION,
                                   app.get_name(), roff(app.get_description()));
    const auto commands = commands_of(app);
    page += fmt::format(".SH SYNOPSIS\n.B {}\n.I {}\n", app.get_name(),
                        commands.empty() ? "[OPTIONS]" : "COMMAND [OPTIONS]");
    page += ".SH OPTIONS\n";
    append_options(page, app);
    if (!commands.empty()) page += ".SH COMMANDS\n";
    for (const auto* command : commands) append_command(page, *command);
    if (!app.get_footer().empty()) page += fmt::format(".SH EXAMPLES\n.nf\n{}.fi\n", roff(app.get_footer()));
    page +=
        ".SH EXIT STATUS\n0: done. 1: it did not work, standard error says why. 2: the command line is "
        "wrong. 130: interrupted.\n";
    return page;
}

std::string completion_script(const CLI::App& app, Shell shell) {
    switch (shell) {
        case Shell::bash:
            return bash_script(app);
        case Shell::zsh:
            return zsh_script(app);
        case Shell::fish:
            return fish_script(app);
    }
    return {};
}

}  // namespace spate::apps
