#include "apps/remove_command.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <fmt/core.h>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "apps/complaint.h"
#include "apps/json_line.h"
#include "apps/name_check.h"
#include "apps/publisher.h"
#include "apps/torrent_flags.h"
#include "apps/tracker_wait.h"
#include "base/printable.h"
#include "catalogue_client/catalogue_client.h"
#include "io/linux/loop.h"

namespace spate::apps {
namespace {

constexpr const char* program = "spate remove";
constexpr int names_max = 1000;

struct Flags {
    std::string tracker = "127.0.0.1:3456";
    std::vector<std::string> names;
    bool quiet = false;
    bool json = false;
};

// As it was given: 'spate list' shows a folder with a slash behind it.
std::string entry_name(std::string given) {
    if (given.ends_with('/')) given.pop_back();
    return given;
}

// Nothing: interrupted.
std::optional<Result<void>> ask(const HostPort& tracker, const std::string& name,
                                const hash::SigningKey& key) {
    io_linux::Loop loop(1);
    auto world = loop.world();
    if (auto watched = loop.on_signal({SIGINT, SIGTERM}, [&](int) { loop.stop(); }); !watched)
        return fail(std::move(watched.error()));
    catalogue_client::CatalogueClient catalogue(world, tracker);
    const TrackerWait wait(world.reactor, tracker, [](const std::string& text) { remark(program, text); });
    std::optional<Result<void>> removed;
    const auto work = catalogue.remove(name, key, [&](Result<void> result) {
        removed = std::move(result);
        loop.stop();
    });
    loop.run();
    return removed;
}

void tell_removed(const Flags& flags, const std::string& name, const HostPort& tracker) {
    if (flags.json)
        print_json_line({{"event", "removed"}, {"name", json_text(name)}, {"tracker", tracker.text()}});
    else if (!flags.quiet)
        fmt::print("{}: removed from {}\n", printable(name), tracker.text());
}

// What cannot be removed keeps no other from it; but a tracker that does not answer keeps all.
int run(const Flags& flags) {
    const Complainer who{program, flags.json};
    const auto tracker = *HostPort::parse(flags.tracker, catalogue_client::default_port);
    const auto key = publisher_key();
    if (!key) return complain(who, key.error());
    int code = exit_ok;
    std::set<std::string> taken;
    for (const auto& given : flags.names) {
        const auto name = catalogue_client::catalogue_name(entry_name(given));
        if (!taken.insert(name).second) continue;
        auto removed = ask(tracker, name, *key);
        if (!removed) return exit_interrupted;
        if (*removed) {
            tell_removed(flags, given, tracker);
            continue;
        }
        const auto error = share_advice(std::move(removed->error()), tracker);
        code = complain(who, error);
        if (is_silence(error)) return code;
    }
    return code;
}

}  // namespace

void add_remove_command(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<Flags>();
    auto* command = app.add_subcommand("remove", "Take what you published out of a tracker's catalogue");
    command->footer(
        "Who published an entry can remove it: the key for that is in the state folder of the user who\n"
        "shared it. Files stay as they are, and who is downloading goes on. To replace an entry, share the\n"
        "new content under its name with --replace.\n\n"
        "Examples:\n"
        "  spate remove image.iso --tracker tracker.example\n"
        "  spate remove photos film.avi        exit code 1 if one of them could not be removed\n");
    command->add_option("NAME", flags->names, "Name of the entry, as 'spate list' shows it; or several")
        ->required()
        ->expected(1, names_max)
        ->check([](const std::string& text) { return check_entry_name(entry_name(text)); });
    command->add_option("--tracker", flags->tracker, "The tracker whose catalogue is meant")
        ->type_name("HOST[:PORT]")
        ->envname("SPATE_TRACKER")
        ->capture_default_str()
        ->check(check_tracker);
    auto* quiet = command->add_flag("-q,--quiet", flags->quiet, "Print errors only");
    command->add_flag("--json", flags->json, "Print one JSON object a line")->excludes(quiet);
    command->callback([flags, &chosen] { chosen.run = [flags] { return run(*flags); }; });
}

}  // namespace spate::apps
