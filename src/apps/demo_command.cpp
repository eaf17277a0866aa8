#include "apps/demo_command.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <fmt/core.h>
#include <memory>
#include <optional>

#include "apps/complaint.h"
#include "apps/demo.h"
#include "apps/demo_folder.h"
#include "apps/size_text.h"
#include "io/linux/terminal.h"

namespace spate::apps {

namespace {

constexpr const char* program = "spate demo";

struct Flags {
    std::string file;
    std::string size;
    int senders = 5;
    int receivers = 5;
    int interval_ms = 2000;
    double time_limit = 600;
    std::string keep;
};

std::string check_size(const std::string& text) {
    return parse_size(text) ? "" : "'" + text + "' is no size, for example 500k, 20M or 1GiB";
}

// Reads what the receivers got, rather than believe them.
void check_files(DemoState& state, const DemoFolder& folder) {
    for (auto& client : state.clients) {
        if (client.sender) continue;
        const auto path =
            std::filesystem::path(folder.path()) / "test_clients" / client.label / folder.file_name();
        client.md5 = md5_of_file(path).value_or("");
        client.right = client.md5 == folder.md5();
    }
}

int run(const Flags& flags) {
    DemoSource source{flags.file, flags.size.empty() ? std::nullopt : parse_size(flags.size)};
    auto folder = DemoFolder::make(flags.keep, source, flags.senders, flags.receivers);
    if (!folder) return complain({program}, folder.error());
    fmt::print("The original system: a tracker, {} senders, {} receivers, and {} of {}\n", flags.senders,
               flags.receivers, folder->file_name(), size_text(folder->file_size()));
    LiveLines lines(stdout, io_linux::stdout_is_terminal(), io_linux::stdout_width);
    io_linux::Loop loop(1);
    DemoSettings settings;
    settings.program = std::filesystem::read_symlink("/proc/self/exe").string();
    settings.folder = folder->path();
    settings.file_name = folder->file_name();
    settings.file_size = folder->file_size();
    settings.md5 = folder->md5();
    settings.senders = flags.senders;
    settings.receivers = flags.receivers;
    settings.interval = std::chrono::milliseconds(flags.interval_ms);
    settings.time_limit = std::chrono::milliseconds(static_cast<std::int64_t>(flags.time_limit * 1000));
    Demo demo(loop, settings, lines);
    if (auto watched = loop.on_signal({SIGINT, SIGTERM}, [&](int) { demo.stop(exit_interrupted); }); !watched)
        return complain({program}, watched.error());
    int code = demo.run();
    if (code == exit_interrupted) return code;
    DemoState state = demo.state();
    check_files(state, *folder);
    fmt::print("\n");
    for (const auto& line : result_table(state)) fmt::print("{}\n", line);
    for (const auto& client : state.clients)
        if (!client.sender && !client.right) code = exit_failed;
    if (!flags.keep.empty()) fmt::print("The files are in {}\n", folder->path());
    return code;
}

}  // namespace

void add_demo_command(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<Flags>();
    auto* command = app.add_subcommand("demo", "See the original system at work on this machine");
    command->footer(
        "Examples:\n"
        "  spate demo                                 a picture, five senders, five receivers\n"
        "  spate demo --size 50M --interval 200       50 MB of random bytes, a part every 0.2 s\n"
        "  spate demo --file movie.avi --keep out     a file of yours; everything stays in out/\n");
    auto* file = command->add_option("--file", flags->file, "A file to share instead of the sample picture")
                     ->type_name("PATH")
                     ->check(CLI::ExistingFile);
    command->add_option("--size", flags->size, "Share so many random bytes instead")
        ->type_name("N")
        ->check(check_size)
        ->excludes(file);
    command->add_option("--senders", flags->senders, "Each has its share of the file")
        ->capture_default_str()
        ->check(CLI::Range(1, 100).description(""));
    command->add_option("--receivers", flags->receivers, "Each gets all of it")
        ->capture_default_str()
        ->check(CLI::Range(1, 100).description(""));
    command->add_option("--interval", flags->interval_ms, "Milliseconds between two parts of a sender")
        ->type_name("MS")
        ->capture_default_str()
        ->check(CLI::Range(1, 3'600'000).description(""));
    command->add_option("--timeout", flags->time_limit, "Seconds after which the demo is ended as failed")
        ->capture_default_str()
        ->check(CLI::Range(1.0, 1e6).description(""));
    command->add_option("--keep", flags->keep, "Work in this folder and leave the files there")
        ->type_name("DIR");
    command->callback([flags, &chosen] { chosen.run = [flags] { return run(*flags); }; });
}

}  // namespace spate::apps
