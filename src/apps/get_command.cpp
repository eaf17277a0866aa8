#include "apps/get_command.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <unistd.h>

#include "apps/complaint.h"
#include "apps/get.h"
#include "apps/resume_cleanup.h"
#include "apps/source_text.h"
#include "base/printable.h"
#include "io/linux/limits.h"

namespace spate::apps {
namespace {

constexpr int sources_max = 1000;
constexpr const char* program = "spate get";

// Whether what it names is there is no matter of the command line.
std::string check_source(const std::string& text) {
    std::error_code error;
    const bool is_file = std::filesystem::is_regular_file(text, error);
    const auto source = parse_source(text, {"tracker", catalogue_client::default_port}, is_file);
    if (source || source.error().is(std::errc::no_such_file_or_directory)) return {};
    return reason_text(program, source.error());
}

std::string check_shards(const std::string& text) {
    const bool is_number = text.size() == 1 && text[0] >= '1' && text[0] <= '9';
    static_assert(engine::Shards::shards_max == 9);
    return is_number || text == "auto" ? "" : "'" + text + "' is no number from 1 to 9, and not auto";
}

std::string check_peer(const std::string& text) {
    const auto peer = HostPort::parse(text, 0);
    return peer && peer->port != 0 ? "" : "'" + text + "' is no HOST:PORT";
}

int run(const GetFlags& flags) {
    (void)io_linux::raise_fd_limit().has_value();  // fewer descriptors only mean fewer connections
    io_linux::ignore_broken_pipes();
    const auto out = io_linux::LineWriter::start(STDOUT_FILENO);
    if (!out) return complain({program, flags.torrent.json}, out.error());
    TorrentTeller teller(flags.torrent.telling(), program, **out);
    std::vector<std::string> finished;
    const int code = [&] {
        io_linux::Loop loop(pool_threads());  // its end waits for jobs that hold the state folder
        if (is_in_use(loop.world().files, flags.state_folder())) {
            teller.error(
                printable(flags.folder, 1000) +
                ": another 'spate get' of the same is at work in this folder; wait for it, or choose "
                "another folder with -o");
            return exit_failed;
        }
        Get get(loop, flags, teller);
        const int result = get.go();
        finished = get.keys_to_forget();
        return result;
    }();
    if (const auto forgotten = forget_downloads(flags.state_folder(), finished); !forgotten)
        teller.warn(reason_text(program, forgotten.error()));
    return code;
}

}  // namespace

void add_get_command(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<GetFlags>();
    auto* command =
        app.add_subcommand("get", "Download what a tracker lists, or a .torrent or magnet link names");
    command->footer(
        "What is there already is kept: the same command goes on where an earlier one ended. Exit code 0 "
        "only if\n"
        "all that was asked for is there and every hash is right. Until then the files have their names and\n"
        "sizes, but holes where nothing came yet. With --select, pieces shared with files that were left "
        "out\n"
        "wait in .NAME.parts beside them.\n\n"
        "Examples:\n"
        "  spate get image.iso                          from the tracker's catalogue ('spate list' shows "
        "it)\n"
        "  spate get tracker.example/image.iso -o /tmp  the same, from another tracker, into another folder\n"
        "  spate get photos --select '*.jpg'            some of its files\n"
        "  spate get debian.torrent --seed-until 1.5    and give it on until 1.5 times its size was given\n"
        "  spate get 'magnet:?xt=urn:btih:...' --limit-down 5M\n");
    command
        ->add_option(
            "SOURCE", flags->sources,
            "A name, HOST[:PORT]/NAME, FILE.torrent, http(s)://...torrent or magnet link; or several")
        ->required()
        ->expected(1, sources_max)
        ->check(check_source);
    command
        ->add_option("-o,--output", flags->folder, "Folder to put it into; made if missing (default: here)")
        ->type_name("DIR");
    command
        ->add_option("--select", flags->select, "Only files whose path or name matches; may be given again")
        ->type_name("GLOB")
        ->expected(1)
        ->take_all();
    command->add_option("--peer", flags->peers, "A peer to ask first; may be given again")
        ->type_name("HOST:PORT")
        ->expected(1)
        ->take_all()
        ->check(check_peer);
    add_torrent_flags(*command, flags->torrent);
    command->get_option("--tracker")
        ->description(
            "The tracker whose catalogue is meant; also asked who has what a .torrent or link names");
    command
        ->add_option(
            "--seed-until", flags->torrent.seed_until,
            "Share it when it is there, until so many times its size was given (1.5), for a time (2h), or "
            "until interrupted (never); of several, each by itself. Without this it ends when all is there")
        ->type_name("RATIO|TIME|never")
        ->check(check_seed_until);
    command->add_option("--timeout", flags->timeout, "Give up when it is not complete in this time (90s, 2h)")
        ->type_name("TIME")
        ->check(check_time);
    command
        ->add_option(
            "--shards", flags->shards,
            "Network threads that several sources are spread over, at most 9; each has a port of its "
            "own, from --port on. auto: one for every two cores")
        ->type_name("N|auto")
        ->capture_default_str()
        ->check(check_shards)
        ->excludes(command->get_option("--loop-lag"));  // which looks at one network thread
    command->add_flag("--sequential", flags->sequential, "First to last, to look at a film while it comes");
    command->add_flag("--preallocate", flags->preallocate, "Take the disk's room at once");
    command->add_flag("--overwrite", flags->overwrite,
                      "Replace files that are there and are not of this download; without it they stay and "
                      "it ends");
    command->add_flag("--check", flags->check, "Hash what is there, whatever is remembered of it");
    command->callback([flags, &chosen] { chosen.run = [flags] { return run(*flags); }; });
}

}  // namespace spate::apps
