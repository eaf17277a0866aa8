#include "apps/create_command.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/core.h>
#include <memory>
#include <optional>

#include "apps/complaint.h"
#include "apps/hash_watch.h"
#include "apps/json_line.h"
#include "apps/piece_size.h"
#include "apps/size_text.h"
#include "apps/torrent_file.h"
#include "base/hex.h"
#include "base/printable.h"
#include "creation/create.h"
#include "metainfo/limits.h"

namespace spate::apps {
namespace {

constexpr const char* program = "spate create";

struct Flags {
    creation::CreateRequest request;
    std::string output;
    std::string piece_size;
    std::vector<std::string> trackers;
    bool v1 = false;
    bool v2 = false;
    bool hybrid = false;
    bool no_date = false;
    bool force = false;
    bool quiet = false;
    bool json = false;
};

std::string check_url(const std::string& text) {
    if (text.find("://") == text.npos) return "'" + text + "' is no URL";
    return text.size() <= metainfo::url_bytes_max ? "" : "a URL longer than 2048 bytes";
}

// Path, name and output as absolute, plain paths.
Result<void> complete(Flags& flags) {
    namespace fs = std::filesystem;
    auto& request = flags.request;
    std::error_code error;
    auto named = fs::absolute(request.path, error).lexically_normal();
    if (!named.has_filename()) named = named.parent_path();
    const auto real = fs::canonical(request.path, error);
    if (error) return fail(Error{error, "read", request.path, {}});
    request.path = real.string();
    if (request.name.empty()) request.name = named.filename().string();
    if (flags.output.empty()) {
        flags.output = request.name + ".torrent";
    } else if (fs::is_directory(flags.output, error)) {
        flags.output = (fs::path(flags.output) / (request.name + ".torrent")).string();
    }
    if (!flags.force && is_there(flags.output))
        return fail(Error::invalid("write", flags.output, "it is there already (--force replaces it)",
                                   std::errc::file_exists));
    return {};
}

void print_created(const Flags& flags, const creation::Created& created) {
    const auto hex = [](const auto& hash) -> std::string { return hash ? to_hex(*hash) : std::string(); };
    if (flags.json) {
        boost::json::object object;
        object["torrent"] = json_text(flags.output);
        object["name"] = json_text(flags.request.name);
        object["info_hash_v1"] = nullptr;
        object["info_hash_v2"] = nullptr;
        if (created.hash.v1) object["info_hash_v1"] = hex(created.hash.v1);
        if (created.hash.v2) object["info_hash_v2"] = hex(created.hash.v2);
        object["piece_length"] = created.piece_length;
        object["pieces"] = created.pieces;
        object["files"] = created.files;
        object["total_size"] = created.total_size;
        return print_json_line(object);
    }
    if (flags.quiet) return;
    fmt::print("{}: {} in {} {}, {} {} of {} KiB\n", printable(flags.output, 4096),
               size_text(created.total_size), created.files, created.files == 1 ? "file" : "files",
               created.pieces, created.pieces == 1 ? "piece" : "pieces",
               static_cast<double>(created.piece_length) / 1024);
    if (created.hash.v1) fmt::print("info-hash v1  {}\n", hex(created.hash.v1));
    if (created.hash.v2) fmt::print("info-hash v2  {}\n", hex(created.hash.v2));
}

int run(Flags& flags) {
    if (auto good = complete(flags); !good) return complain({program, flags.json}, good.error());
    auto& request = flags.request;
    using metainfo::TorrentVersion;
    request.version = flags.v2       ? TorrentVersion::v2
                      : flags.hybrid ? TorrentVersion::hybrid
                                     : TorrentVersion::v1;
    if (!flags.piece_size.empty()) request.piece_length = *parse_piece_size(flags.piece_size);
    for (const auto& tracker : flags.trackers) request.trackers.push_back({tracker});
    io_linux::Loop loop(request.jobs);
    const auto world = loop.world();
    request.created_by = "spate " SPATE_VERSION;
    if (!flags.no_date) request.creation_date = world.reactor.wall_now().unix_seconds;

    std::optional<Result<creation::Created>> result;
    std::unique_ptr<creation::Creation> creation;
    HashWatch watch(loop, {request.name, flags.quiet || flags.json}, [&] { return creation->progress(); });
    creation = std::make_unique<creation::Creation>(world.files, world.pool, request,
                                                    [&](Result<creation::Created> made) {
                                                        result = std::move(made);
                                                        watch.done();
                                                    });
    if (!watch.run()) {
        creation.reset();
        remark(program, "stopped, nothing was written");
        return exit_interrupted;
    }
    if (!*result) return complain({program, flags.json}, result->error());
    for (const auto& note : (*result)->notes) remark(program, printable(note, 2000));
    if (auto saved = save_torrent(world.files, flags.output, (*result)->torrent, flags.force); !saved)
        return complain({program, flags.json}, saved.error());
    print_created(flags, **result);
    return exit_ok;
}

void add_versions(CLI::App& command, Flags& flags) {
    auto* v1 = command.add_flag("--v1", flags.v1, "For every client there is; the default");
    auto* v2 = command.add_flag("--v2", flags.v2, "For v2 clients alone (BEP 52)");
    auto* hybrid = command.add_flag("--hybrid", flags.hybrid, "For both; some old v1 clients refuse it");
    v1->excludes(v2)->excludes(hybrid);
    v2->excludes(hybrid);
}

}  // namespace

void add_create_command(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<Flags>();
    auto& request = flags->request;
    request.jobs = usable_cores();
    auto* command = app.add_subcommand("create", "Make a .torrent from a file or a folder");
    command->footer(
        "Examples:\n"
        "  spate create image.iso                          image.iso.torrent, for every client\n"
        "  spate create photos --tracker http://tracker.example/announce -o /tmp/photos.torrent\n"
        "  spate create build --v2 --piece-size 1M --private --web-seed https://files.example/\n");
    command->add_option("PATH", request.path, "File or folder; links in it are left out")
        ->required()
        ->check(check_path);
    add_versions(*command, *flags);
    command
        ->add_option("--piece-size", flags->piece_size,
                     "For example 256k or 4M; without it chosen so that there are some 1000 to 2000")
        ->type_name("SIZE")
        ->check(check_piece_size);
    command
        ->add_option("--tracker", flags->trackers, "Announce URL; given again: to be tried after the others")
        ->type_name("URL")
        ->expected(1)
        ->take_all()
        ->check(check_url);
    command->add_option("--web-seed", request.web_seeds, "URL of the same files on a web server (BEP 19)")
        ->type_name("URL")
        ->expected(1)
        ->take_all()
        ->check(check_url);
    command->add_flag("--private", request.private_torrent, "Peers from the trackers only (BEP 27)");
    command
        ->add_option("-o,--output", flags->output, "File to write, or a folder (default NAME.torrent here)")
        ->type_name("FILE");
    command->add_option("--name", request.name, "Name in the torrent (default PATH's last part)");
    command->add_option("--comment", request.comment, "Text for people")->check([](const std::string& text) {
        return text.size() <= metainfo::comment_bytes_max ? "" : "longer than 64 KiB";
    });
    command->add_option("--source", request.source, "Text that gives the torrent an info-hash of its own");
    command->add_flag("--no-date", flags->no_date, "Leave the time of creation out");
    command->add_option("--threads", request.jobs, "Cores to hash on")
        ->capture_default_str()
        ->check(CLI::Range(1U, 256U).description(""));
    command->add_flag("-f,--force", flags->force, "Replace the output file");
    auto* quiet = command->add_flag("-q,--quiet", flags->quiet, "Print errors only");
    command->add_flag("--json", flags->json, "Print one JSON object at the end")->excludes(quiet);
    command->callback([flags, &chosen] { chosen.run = [flags] { return run(*flags); }; });
}

}  // namespace spate::apps
