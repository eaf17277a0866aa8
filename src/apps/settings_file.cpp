#include "apps/settings_file.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fmt/core.h>
#include <string>
#include <toml++/toml.h>
#include <vector>

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

[[noreturn]] void refuse(const toml::source_position& where, const std::string& what) {
    throw CLI::ConfigError(fmt::format("settings file, line {}: {}", where.line, what),
                           CLI::ExitCodes::ConfigError);
}

// A single value as it would stand on the command line.
std::string text_of(const toml::node& value, const std::string& key) {
    if (const auto text = value.value_exact<std::string>()) return *text;
    if (const auto number = value.value_exact<std::int64_t>()) return std::to_string(*number);
    if (const auto number = value.value_exact<double>()) return fmt::format("{}", *number);
    if (const auto flag = value.value_exact<bool>()) return *flag ? "true" : "false";
    refuse(value.source().begin, fmt::format("{} must be a text, a number, true or false", key));
}

class TomlSettings final : public CLI::Config {
  public:
    explicit TomlSettings(const CLI::App& app) : app_(app) {}

    std::string to_config(const CLI::App*, bool, bool, std::string) const override { return {}; }

    std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
        std::vector<CLI::ConfigItem> settings;
        try {
            for (const auto& [name, value] : toml::parse(input))
                add_table(std::string(name.str()), value, settings);
        } catch (const toml::parse_error& error) {
            refuse(error.source().begin, std::string(error.description()));
        }
        return settings;
    }

  private:
    void add_table(const std::string& command, const toml::node& value,
                   std::vector<CLI::ConfigItem>& settings) const {
        const CLI::App* found = find_command(command);
        const auto* table = value.as_table();
        if (table == nullptr)
            refuse(value.source().begin,
                   fmt::format("'{}' stands outside a command's table; write it below [COMMAND]", command));
        if (found == nullptr) refuse(value.source().begin, fmt::format("there is no command '{}'", command));
        for (const auto& [name, setting] : *table) {
            const std::string key(name.str());
            if (key == "help" || found->get_option_no_throw("--" + key) == nullptr)
                refuse(setting.source().begin,
                       fmt::format("'spate {0}' has no option --{1}; 'spate {0} --help' lists them", command,
                                   key));
            settings.push_back({{command}, key, values_of(setting, key)});
        }
    }

    const CLI::App* find_command(const std::string& name) const {
        const auto found = app_.get_subcommands([&](const CLI::App* one) { return one->get_name() == name; });
        return found.empty() ? nullptr : found.front();
    }

    static std::vector<std::string> values_of(const toml::node& setting, const std::string& key) {
        const auto* list = setting.as_array();
        if (list == nullptr) return {text_of(setting, key)};
        std::vector<std::string> values;
        for (const auto& value : *list) values.push_back(text_of(value, key));
        return values;
    }

    const CLI::App& app_;
};

}  // namespace

void add_settings_file(CLI::App& app) {
    app.allow_config_extras(CLI::config_extras_mode::error);
    app.config_formatter(std::make_shared<TomlSettings>(app));
    app.set_config("--config", default_path(),
                   "Read settings from this file, not from spate/spate.toml in $XDG_CONFIG_HOME or ~/.config")
        ->type_name("FILE");
}

}  // namespace spate::apps
