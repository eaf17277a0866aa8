#include "apps/share_command.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <unistd.h>

#include "apps/complaint.h"
#include "apps/name_check.h"
#include "apps/part_text.h"
#include "apps/piece_size.h"
#include "apps/publisher.h"
#include "apps/share_preparation.h"
#include "apps/shares.h"
#include "apps/torrent_file.h"
#include "io/linux/limits.h"

namespace spate::apps {
namespace {

constexpr const char* program = "spate share";

constexpr int paths_max = 1000;

int run(const ShareFlags& flags) {
    const Complainer who{program, flags.torrent.json};
    if (flags.paths.size() > 1 && !flags.name.empty()) {
        complain(who, "--name is for one PATH, and there are several");
        return exit_usage;
    }
    auto key = publisher_key();
    if (!key) return complain(who, key.error());
    SharePreparation preparation(flags, who);
    auto shares = preparation.prepare(key->public_key());
    if (!shares) {
        remark(program, "stopped, nothing was published");
        return exit_interrupted;
    }
    if (shares->empty()) return preparation.exit_code();
    (void)io_linux::raise_fd_limit().has_value();  // fewer descriptors only mean fewer connections
    io_linux::Loop loop(pool_threads());
    io_linux::ignore_broken_pipes();
    const auto out = io_linux::LineWriter::start(STDOUT_FILENO);
    if (!out) return complain(who, out.error());
    TorrentTeller teller(flags.torrent.telling(), program, **out);
    return Shares(loop, flags, std::move(*key), teller)
        .go(std::move(*shares), preparation.exit_code() == exit_ok);
}

}  // namespace

void add_share_command(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<ShareFlags>();
    auto* command = app.add_subcommand("share", "Publish a file or folder at a tracker, and share it");
    command->footer(
        "The tracker keeps the .torrent, so others need its name only. Everything is hashed first; a file "
        "that\n"
        "changes while it is shared is not given any more. Of several PATHs each is an entry of its own; "
        "one\n"
        "that cannot be shared is told and left out, and the exit code is 1 at the end.\n\n"
        "Examples:\n"
        "  spate share image.iso                               at the tracker on this machine, until "
        "interrupted\n"
        "  spate share photos --tracker tracker.example --description 'Summer 2026'\n"
        "  spate share *.iso                                   each of them by its name\n"
        "  spate share image.iso --seed-until 3                until it was given three times\n"
        "  spate share image.iso --part 20%..40%               one of five machines that share it "
        "together\n");
    command->add_option("PATH", flags->paths, "File or folder, or several; links in it are left out")
        ->required()
        ->expected(1, paths_max)
        ->check(check_path);
    add_torrent_flags(*command, flags->torrent);
    command
        ->add_option("--name", flags->name, "Name of the entry (default: PATH's last part); blanks become _")
        ->check(check_entry_name);
    command->add_flag("--replace", flags->replace,
                      "Put it in the place of other content that you published under this name");
    command->add_option("--description", flags->description,
                        "A line about it, for people; without it an entry of before keeps its own");
    command->add_option("--part", flags->part, "Give this part of its pieces only")
        ->type_name("FROM%..TO%")
        ->check(check_part);
    auto* v1 = command->add_flag("--v1", flags->v1, "For every client there is; the default");
    auto* v2 = command->add_flag("--v2", flags->v2, "For v2 clients alone (BEP 52)");
    auto* hybrid = command->add_flag("--hybrid", flags->hybrid, "For both; some old v1 clients refuse it");
    v1->excludes(v2)->excludes(hybrid);
    v2->excludes(hybrid);
    command
        ->add_option("--piece-size", flags->piece_size, "For example 256k or 4M; without it chosen by size")
        ->type_name("SIZE")
        ->check(check_piece_size);
    auto* until =
        command
            ->add_option("--seed-until", flags->torrent.seed_until,
                         "Until so many times its size was given (1.5), or for a time (2h), or until "
                         "interrupted (never, the default); of several, each by itself")
            ->type_name("RATIO|TIME|never")
            ->check(check_seed_until);
    command->add_flag("--keep-seeding", flags->keep_seeding, "Until interrupted; the default")
        ->excludes(until);
    command->add_flag("--super-seed", flags->super_seed,
                      "Give each piece once, to spread it from a slow line");
    command->add_option("--threads", flags->jobs, "Cores to hash on")
        ->capture_default_str()
        ->check(CLI::Range(1U, 256U).description(""));
    command->callback([flags, &chosen] { chosen.run = [flags] { return run(*flags); }; });
}

}  // namespace spate::apps
