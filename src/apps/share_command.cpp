#include "apps/share_command.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <memory>
#include <unistd.h>

#include "apps/complaint.h"
#include "apps/entry_finder.h"
#include "apps/name_check.h"
#include "apps/part_text.h"
#include "apps/piece_size.h"
#include "apps/publisher.h"
#include "apps/share.h"
#include "apps/tracker_wait.h"
#include "io/linux/limits.h"

namespace spate::apps {
namespace {

constexpr const char* program = "spate share";

int interrupted() {
    remark(program, "stopped, nothing was published");
    return exit_interrupted;
}

// 0: by size.
std::uint64_t piece_length(const ShareFlags& flags) {
    return flags.piece_size.empty() ? 0 : *parse_piece_size(flags.piece_size);
}

creation::CreateRequest request_of(const ShareFlags& flags, const std::string& path) {
    creation::CreateRequest request;
    request.path = path;
    request.name = std::filesystem::path(path).filename().string();
    request.version = flags.version();
    request.piece_length = piece_length(flags);
    request.trackers = {announce_urls(flags.torrent.tracker_place())};
    request.created_by = "spate " SPATE_VERSION;
    request.jobs = flags.jobs;
    return request;
}

// Whether the tracker would take it, as far as can be told before it is hashed. Nothing: interrupted.
std::optional<Result<NameCheck::Found>> check_name(const ShareFlags& flags, const std::string& path,
                                                   const PlannedEntry& planned) {
    io_linux::Loop loop(1);
    if (!flags.torrent.bind.empty()) loop.set_source(*Address::parse(flags.torrent.bind));
    auto world = loop.world();
    if (auto watched = loop.on_signal({SIGINT, SIGTERM}, [&](int) { loop.stop(); }); !watched)
        return fail(std::move(watched.error()));
    std::optional<Result<NameCheck::Found>> checked;
    const TrackerWait wait(world.reactor, flags.torrent.tracker_place(),
                           [](const std::string& text) { remark(program, text); });
    NameCheck check(world, flags.torrent.tracker_place(), path, planned,
                    [&](Result<NameCheck::Found> result) {
                        checked = std::move(result);
                        loop.stop();
                    });
    loop.run();
    return checked;
}

// First what can be refused in a moment, then the hashing, then the sharing.
int run(const ShareFlags& flags) {
    const Complainer who{program, flags.torrent.json};
    std::error_code error;
    const auto path = std::filesystem::canonical(flags.path, error);
    if (error) return complain(who, Error{error, "share", flags.path, {}});
    const auto name =
        catalogue_client::catalogue_name(flags.name.empty() ? path.filename().string() : flags.name);
    if (name.empty())
        return complain(who, "no entry can have the name of this file; give it one with --name");
    auto key = publisher_key();
    if (!key) return complain(who, key.error());
    const PlannedEntry planned{.name = name,
                               .size = 0,
                               .version = flags.version(),
                               .piece_length = piece_length(flags),
                               .publisher = key->public_key(),
                               .replace = flags.replace};
    const auto there = check_name(flags, path.string(), planned);
    if (!there) return interrupted();
    if (!*there) {
        complain(who, there->error());
        return there->error().is(piece_size_refused) ? exit_usage : exit_failed;
    }
    auto content = hash_content(request_of(flags, path.string()), flags.torrent.telling() != Telling::plain);
    if (!content) return interrupted();
    if (!*content) return complain(who, content->error());
    SharedAs as{path.parent_path().string(), name};
    if (const auto& entry = **there) {
        as.again = entry->publisher == planned.publisher && entry->hash == (*content)->metainfo.info.hash;
        if (const auto refusal = hashed_refusal(*entry, planned, (*content)->metainfo.info.hash))
            return complain(who, *refusal);
    }
    (void)io_linux::raise_fd_limit().has_value();  // fewer descriptors only mean fewer connections
    io_linux::Loop loop(pool_threads());
    io_linux::ignore_broken_pipes();
    const auto out = io_linux::LineWriter::start(STDOUT_FILENO);
    if (!out) return complain(who, out.error());
    TorrentTeller teller(flags.torrent.telling(), program, **out);
    return Share(loop, flags, std::move(as), std::move(**content), std::move(*key), teller).go();
}

}  // namespace

void add_share_command(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<ShareFlags>();
    auto* command = app.add_subcommand("share", "Publish a file or folder at a tracker, and share it");
    command->footer(
        "The tracker keeps the .torrent, so others need its name only. Everything is hashed first; a file "
        "that\n"
        "changes while it is shared is not given any more.\n\n"
        "Examples:\n"
        "  spate share image.iso                               at the tracker on this machine, until "
        "interrupted\n"
        "  spate share photos --tracker tracker.example --description 'Summer 2026'\n"
        "  spate share image.iso --seed-until 3                until it was given three times\n"
        "  spate share image.iso --part 20%..40%               one of five machines that share it "
        "together\n");
    command->add_option("PATH", flags->path, "File or folder; links in it are left out")->required();
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
                         "interrupted (never, the default)")
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
