#include "apps/verify_command.h"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <memory>
#include <optional>

#include "apps/complaint.h"
#include "apps/hash_watch.h"
#include "apps/json_line.h"
#include "apps/size_text.h"
#include "apps/torrent_file.h"
#include "base/printable.h"
#include "creation/verify.h"

namespace spate::apps {
namespace {

constexpr std::size_t files_shown_max = 100;
constexpr const char* program = "spate verify";

struct Flags {
    std::string torrent;
    std::string path;
    unsigned jobs = usable_cores();
    bool quiet = false;
    bool json = false;
};

using creation::FileState;
using creation::FileVerdict;
using creation::Verified;

const char* word(FileState state) {
    switch (state) {
        case FileState::good:
            return "good";
        case FileState::missing:
            return "missing";
        case FileState::not_a_file:
            return "no file";
        case FileState::too_short:
            return "too short";
        case FileState::too_long:
            return "too long";
        case FileState::unreadable:
            return "unreadable";
        case FileState::damaged:
            return "damaged";
        case FileState::unproven:
            return "unproven";
    }
    return "";
}

std::string pieces_text(const FileVerdict& verdict) {
    const auto first = verdict.first_wrong->value;
    if (verdict.pieces_wrong == 1) return fmt::format("piece {}", first);
    return fmt::format("{} pieces, the first is piece {}", verdict.pieces_wrong, first);
}

std::string why(const FileVerdict& verdict, const metainfo::File& file) {
    switch (verdict.state) {
        case FileState::too_short:
        case FileState::too_long:
            return fmt::format("{} bytes instead of {}", verdict.size_found, file.size) +
                   (verdict.pieces_wrong > 0 ? "; " + pieces_text(verdict) : "");
        case FileState::unreadable:
            return verdict.error ? printable(verdict.error->message(), 300) : "";
        case FileState::damaged:
            return pieces_text(verdict);
        case FileState::unproven:
            return pieces_text(verdict) + " could not be hashed for want of other files";
        default:
            return "";
    }
}

void print_plain(const metainfo::Metainfo& torrent, const Verified& verified, bool quiet) {
    const auto& layout = torrent.info.layout;
    std::size_t files = 0, wrong = 0;
    for (std::size_t i = 0; i < verified.files.size(); ++i) {
        const auto& file = layout.files()[i];
        if (file.attributes.pad) continue;
        ++files;
        if (verified.files[i].state == FileState::good || ++wrong > files_shown_max) continue;
        const auto reason = why(verified.files[i], file);
        fmt::print("{:<10}  {}{}\n", word(verified.files[i].state), printable(file.path, 4096),
                   reason.empty() ? "" : ": " + reason);
    }
    if (wrong > files_shown_max) fmt::print("and {} more files\n", wrong - files_shown_max);
    if (verified.contradictions > 0)
        fmt::print(
            "{} pieces are right for one half of the hybrid torrent and wrong for the other: the torrent "
            "contradicts itself\n",
            verified.contradictions);
    if (verified.all_good()) {
        if (!quiet)
            fmt::print("all good: {} in {} {}, {} pieces\n", size_text(layout.total_size()), files,
                       files == 1 ? "file" : "files", layout.piece_count());
        return;
    }
    fmt::print("NOT good: {} of {} files, {} of {} pieces ({} with a wrong hash)\n", wrong, files,
               verified.good.size() - verified.good.count(), verified.good.size(), verified.wrong.count());
}

// The pieces that are not good, as [first, last] pairs.
boost::json::array bad_ranges(const metainfo::Bitfield& good) {
    boost::json::array ranges;
    auto at = good.next_clear({});
    while (at) {
        const auto after = good.next_set(*at);
        const auto end = after ? after->value : good.size();
        ranges.push_back(boost::json::array{at->value, end - 1});
        at = after ? good.next_clear(*after) : std::nullopt;
    }
    return ranges;
}

void print_json(const metainfo::Metainfo& torrent, const Verified& verified) {
    boost::json::object object;
    object["name"] = json_text(torrent.info.name);
    object["path"] = json_text(verified.place);
    object["ok"] = verified.all_good();
    object["pieces"] = verified.good.size();
    object["pieces_good"] = verified.good.count();
    object["pieces_wrong_hash"] = verified.wrong.count();
    object["contradictions"] = verified.contradictions;
    object["bad_pieces"] = bad_ranges(verified.good);
    auto& bad = object["bad_files"].emplace_array();
    for (std::size_t i = 0; i < verified.files.size(); ++i) {
        const auto& verdict = verified.files[i];
        if (verdict.state == FileState::good) continue;
        const auto& file = torrent.info.layout.files()[i];
        boost::json::object row;
        row["path"] = json_text(file.path);
        row["state"] = word(verdict.state);
        row["size"] = file.size;
        row["size_found"] = verdict.size_found;
        row["pieces"] = verdict.pieces_wrong;
        if (verdict.first_wrong) row["first_piece"] = verdict.first_wrong->value;
        if (verdict.error) row["error"] = json_text(verdict.error->message());
        bad.push_back(std::move(row));
    }
    print_json_line(object);
}

int run(const Flags& flags) {
    io_linux::Loop loop(flags.jobs);
    const auto world = loop.world();
    auto loaded = load_torrent(world.files, flags.torrent);
    if (!loaded) return complain({program, flags.json}, loaded.error());
    const auto torrent = std::make_shared<const metainfo::Metainfo>(std::move(*loaded));
    const auto split = split_path(flags.path);
    const auto path = split ? split->folder + "/" + split->name : flags.path;

    std::optional<Result<Verified>> result;
    std::unique_ptr<creation::Verification> verification;
    HashWatch watch(loop, {torrent->info.name, flags.quiet || flags.json},
                    [&] { return verification->progress(); });
    verification = std::make_unique<creation::Verification>(world.files, world.pool, torrent, path,
                                                            flags.jobs, [&](Result<Verified> verified) {
                                                                result = std::move(verified);
                                                                watch.done();
                                                            });
    if (!watch.run()) {
        verification.reset();
        remark(program, "stopped");
        return exit_interrupted;
    }
    if (!*result) return complain({program, flags.json}, result->error());
    if (flags.json)
        print_json(*torrent, **result);
    else
        print_plain(*torrent, **result, flags.quiet);
    return (*result)->all_good() ? exit_ok : exit_failed;
}

}  // namespace

void add_verify_command(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<Flags>();
    auto* command = app.add_subcommand("verify", "Check files against a .torrent");
    command->footer(
        "PATH is the torrent's file or folder itself, or the folder that holds it. Exit code 0 only if "
        "every\n"
        "file has its size and every piece its hash, 1 otherwise.\n\n"
        "Examples:\n"
        "  spate verify image.iso.torrent image.iso\n"
        "  spate verify photos.torrent ~/downloads          looks at ~/downloads/photos\n"
        "  spate verify photos.torrent ~/downloads --json\n");
    command->add_option("TORRENT", flags->torrent, ".torrent file")->required();
    command->add_option("PATH", flags->path, "File or folder")->required()->check(check_path);
    command->add_option("--threads", flags->jobs, "Cores to hash on")
        ->capture_default_str()
        ->check(CLI::Range(1U, 256U).description(""));
    auto* quiet = command->add_flag("-q,--quiet", flags->quiet, "Print what is wrong only");
    command->add_flag("--json", flags->json, "Print one JSON object")->excludes(quiet);
    command->callback([flags, &chosen] { chosen.run = [flags] { return run(*flags); }; });
}

}  // namespace spate::apps
