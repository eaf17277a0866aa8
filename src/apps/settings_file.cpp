#include "apps/settings_file.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <string>
#include <toml++/toml.h>
#include <vector>

#include "apps/config_text.h"

namespace spate::apps {

namespace {

std::string default_path() {
    // A relative XDG path is to be ignored, the specification says.
    if (const char* xdg = std::getenv("XDG_CONFIG_HOME"); xdg != nullptr && xdg[0] == '/')
        return std::string(xdg) + "/spate/spate.toml";
    if (const char* home = std::getenv("HOME"); home != nullptr && home[0] == '/')
        return std::string(home) + "/.config/spate/spate.toml";
    return "/etc/spate/spate.toml";
}

// Whether it will end with its help or version, which a mistake in the file must not keep from anybody.
bool tells_about_itself(const CLI::App& app) {
    const auto is_given = [](const CLI::Option* option) { return option != nullptr && option->count() > 0; };
    return is_given(app.get_help_ptr()) || is_given(app.get_version_ptr());
}

// A single value as it would stand on the command line; nothing if it cannot.
std::optional<std::string> text_of(const toml::node& value) {
    if (const auto text = value.value_exact<std::string>()) return *text;
    if (const auto number = value.value_exact<std::int64_t>()) return std::to_string(*number);
    if (const auto number = value.value_exact<double>()) return fmt::format("{}", *number);
    if (const auto flag = value.value_exact<bool>()) return *flag ? "true" : "false";
    return std::nullopt;
}

// Gives the options of the chosen command their values, after the command line and the environment gave
// theirs.
class TomlSettings {
  public:
    // Both outlive it.
    TomlSettings(CLI::App& app, const std::string& path) : app_(app), path_(path) {}

    void read(const std::string& text) {
        try {
            for (const auto& [name, value] : toml::parse(text)) read_table(std::string(name.str()), value);
        } catch (const toml::parse_error& error) {
            refuse(error.source().begin, std::string(error.description()));
        }
    }

  private:
    struct Place {
        std::string command;
        std::string key;
        toml::source_position at;
    };

    [[noreturn]] void refuse(const Place& place, const std::string& what) const {
        refuse(place.at, fmt::format("[{}] {}: {}", place.command, place.key, what));
    }

    [[noreturn]] void refuse(const toml::source_position& where, const std::string& what) const {
        throw CLI::ConfigError(fmt::format("settings file {}, line {}: {}", path_, where.line, what),
                               CLI::ExitCodes::ConfigError);
    }

    // A table of another command is that command's to judge.
    void read_table(const std::string& name, const toml::node& value) {
        const auto* table = value.as_table();
        if (table == nullptr)
            refuse(value.source().begin,
                   fmt::format("'{}' stands outside a command's table; write it below [COMMAND]", name));
        const auto commands =
            app_.get_subcommands([&](const CLI::App* one) { return one->get_name() == name; });
        if (commands.empty()) refuse(value.source().begin, fmt::format("there is no command '{}'", name));
        auto& command = *commands.front();
        if (!command.parsed()) return;
        for (const auto* option : command.get_options())
            if (option->count() > 0) given_.insert(option);
        for (const auto& [key, setting] : *table) read_setting(command, std::string(key.str()), setting);
    }

    void read_setting(CLI::App& command, const std::string& key, const toml::node& setting) const {
        const Place place{command.get_name(), key, setting.source().begin};
        auto* option = command.get_option_no_throw("--" + key);
        if (key == "help" || option == nullptr)
            refuse(place,
                   fmt::format("there is no such option; 'spate {} --help' lists them", place.command));
        const auto values = values_of(setting, place);
        if (option->get_expected_min() == 0) {  // a flag
            if (values != std::vector<std::string>{"true"} && values != std::vector<std::string>{"false"})
                refuse(place, "it must be true or false");
            if (values.front() == "false") return;
        }
        if (given_.contains(option) || is_beaten(*option)) return;
        for (const auto* other : option->get_excludes())
            if (other->count() > 0)
                refuse(place, fmt::format("it cannot stand beside {}", other->get_name()));
        try {
            option->add_result(values);
            option->run_callback();
        } catch (const CLI::ConversionError&) {
            refuse(place,
                   fmt::format("'{}' cannot be read as {}", fmt::join(values, " "), option->get_type_name()));
        } catch (const CLI::ParseError& error) {
            const std::string what = error.what(), name = option->get_name() + ": ";
            refuse(place, what.starts_with(name) ? what.substr(name.size()) : what);
        }
    }

    // What was given cannot stand beside it, or not beside what it needs.
    bool is_beaten(const CLI::Option& option) const {
        const auto excludes = option.get_excludes(), needs = option.get_needs();
        return std::ranges::any_of(excludes, [&](const auto* other) { return given_.contains(other); }) ||
               std::ranges::any_of(
                   needs, [&](const auto* needed) { return !given_.contains(needed) && is_beaten(*needed); });
    }

    std::vector<std::string> values_of(const toml::node& setting, const Place& place) const {
        std::vector<std::string> values;
        const auto add = [&](const toml::node& value) {
            if (auto text = text_of(value)) return values.push_back(std::move(*text));
            refuse(place, "it must be a text, a number, true or false");
        };
        if (const auto* list = setting.as_array())
            for (const auto& value : *list) add(value);
        else
            add(setting);
        return values;
    }

    CLI::App& app_;
    const std::string& path_;
    std::set<const CLI::Option*> given_;  // of the command, by the command line or the environment
};

// named: "" for where it is by default, and need not be.
void read_settings(CLI::App& app, const std::string& named) {
    const auto chosen = app.get_subcommands();
    if (tells_about_itself(app) ||
        std::ranges::any_of(chosen, [](const CLI::App* command) { return tells_about_itself(*command); }))
        return;
    const auto path = named.empty() ? default_path() : named;
    const auto text = read_config_text(path);
    if (text) return TomlSettings(app, path).read(*text);
    const bool is_missing =
        text.error().is(std::errc::no_such_file_or_directory) || text.error().is(std::errc::not_a_directory);
    if (is_missing && named.empty()) return;
    throw CLI::ConfigError(fmt::format("settings file {}: {}{}", path, text.error().code.message(),
                                       named.empty() ? "; --config /dev/null goes without it" : ""),
                           CLI::ExitCodes::ConfigError);
}

}  // namespace

void add_settings_file(CLI::App& app) {
    for (auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
        command->fallthrough();  // --config may stand behind it
    app.add_option_function<std::string>(
           "--config", [&app](const std::string& path) { read_settings(app, path); },
           "Read settings from this file, not from spate/spate.toml in $XDG_CONFIG_HOME or ~/.config. The "
           "command line wins over environment variables, and both over settings")
        ->type_name("FILE")
        ->take_last()
        ->force_callback();  // before those of the command's options, after the environment gave them values
}

}  // namespace spate::apps
