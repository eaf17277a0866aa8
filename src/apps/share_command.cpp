#include "apps/share_command.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/core.h>
#include <memory>
#include <unistd.h>

#include "apps/classic_listing.h"
#include "apps/file_md5.h"
#include "apps/hash_watch.h"
#include "apps/json_line.h"
#include "apps/piece_size.h"
#include "apps/size_text.h"
#include "apps/source_finder.h"
#include "apps/state_home.h"
#include "apps/torrent_flags.h"
#include "base/hex.h"
#include "base/parse_number.h"
#include "base/printable.h"
#include "catalogue_client/publisher_key.h"
#include "creation/create.h"
#include "io/linux/limits.h"
#include "metainfo/torrent_reader.h"

namespace spate::apps {
namespace {

struct Flags {
    TorrentFlags torrent;
    std::string path;
    std::string name;
    std::string description;
    std::string part;
    std::string piece_size;
    bool v1 = false;
    bool v2 = false;
    bool hybrid = false;
    bool keep_seeding = false;
    bool super_seed = false;
    unsigned jobs = usable_cores();
};

// "20%..40%"
std::optional<engine::Part> parse_part(std::string_view text) {
    const auto dots = text.find("..");
    if (dots == text.npos) return std::nullopt;
    const auto number = [](std::string_view percent) -> std::optional<std::uint32_t> {
        if (percent.ends_with('%')) percent.remove_suffix(1);
        return parse_number<std::uint32_t>(percent);
    };
    const auto from = number(text.substr(0, dots));
    const auto to = number(text.substr(dots + 2));
    if (!from || !to || *from >= *to || *to > 100) return std::nullopt;
    return engine::Part{*from, *to};
}

std::string check_part(const std::string& text) {
    return parse_part(text) ? "" : "'" + text + "' is no part, for example 20%..40%";
}

// What hashing found out.
struct Hashed {
    std::string torrent;
    metainfo::Metainfo metainfo;
    std::string md5;  // of a single file; empty for a folder
};

int fail_with(const Error& error) {
    fmt::print(stderr, "spate share: {}\n", printable(error.message(), 2000));
    return exit_failed;
}

creation::CreateRequest request_of(const Flags& flags, const std::string& path) {
    creation::CreateRequest request;
    request.path = path;
    request.name = std::filesystem::path(path).filename().string();
    using metainfo::TorrentVersion;
    request.version = flags.v2       ? TorrentVersion::v2
                      : flags.hybrid ? TorrentVersion::hybrid
                                     : TorrentVersion::v1;
    if (!flags.piece_size.empty()) request.piece_length = *parse_piece_size(flags.piece_size);
    request.trackers = {announce_urls(flags.torrent.tracker_place())};
    request.created_by = "spate " SPATE_VERSION;
    request.jobs = flags.jobs;
    return request;
}

// The torrent and the MD5, side by side on the pool. Nothing: interrupted. Notes and errors are told.
std::optional<Result<Hashed>> hash(const Flags& flags, const std::string& path) {
    io_linux::Loop loop(flags.jobs + 1);
    const auto world = loop.world();
    std::optional<Result<creation::Created>> created;
    std::optional<Result<hash::Md5>> md5;
    std::unique_ptr<creation::Creation> creation;
    std::unique_ptr<FileMd5> file_md5;
    const auto request = request_of(flags, path);
    const bool quiet = flags.torrent.telling() != Telling::plain;
    HashWatch watch(loop, {request.name, quiet}, [&] { return creation->progress(); });
    const auto done_if_both = [&] {
        if (created && (md5 || !*created || !file_md5)) watch.done();
    };
    std::error_code error;
    if (!std::filesystem::is_directory(path, error))
        file_md5 = std::make_unique<FileMd5>(world.files, world.pool, path, [&](Result<hash::Md5> found) {
            md5 = std::move(found);
            done_if_both();
        });
    creation = std::make_unique<creation::Creation>(world.files, world.pool, request,
                                                    [&](Result<creation::Created> made) {
                                                        created = std::move(made);
                                                        done_if_both();
                                                    });
    if (!watch.run()) return std::nullopt;
    if (!*created) return fail(created->error());
    if (md5 && !*md5) return fail(md5->error());
    for (const auto& note : (*created)->notes) fmt::print(stderr, "spate share: {}\n", printable(note, 2000));
    auto metainfo = metainfo::read_torrent(as_bytes((*created)->torrent), metainfo::CaseRule::keep);
    if (!metainfo) return fail(metainfo.error());
    return Hashed{std::move((*created)->torrent), std::move(*metainfo), md5 ? to_hex(**md5) : ""};
}

// Publishes once the torrent is being shared, since the tracker asks for some of it; then stays known to the
// classic protocol.
class Share {
  public:
    Share(io_linux::Loop& loop, const Flags& flags, std::string folder, Hashed hashed, hash::SigningKey key,
          TorrentTeller& teller)
        : flags_(flags),
          folder_(std::move(folder)),
          hashed_(std::move(hashed)),
          key_(std::move(key)),
          world_(loop.world()),
          teller_(teller),
          catalogue_(world_, flags.torrent.tracker_place()),
          run_(loop, flags.torrent.settings(folder_ + "/" + hashed_.metainfo.info.name, SeedUntil::forever()),
               teller) {
        name_ =
            flags.name.empty() ? catalogue_client::catalogue_name(hashed_.metainfo.info.name) : flags.name;
        run_.on_complete = [this](engine::TorrentId) { publish(); };
    }

    int go() {
        auto port = run_.start();
        if (!port) {
            teller_.error(printable(port.error().message(), 2000) +
                          "; --port names another port, without it one of 6881 to 6889 is taken");
            return exit_failed;
        }
        if (name_.empty()) {
            teller_.error("no entry can have the name of this file; give it one with --name");
            return exit_failed;
        }
        engine::AddTorrent torrent;
        torrent.what = hashed_.metainfo;
        torrent.folder = folder_;
        torrent.on_disk = engine::OnDisk::just_hashed;
        if (!flags_.part.empty()) torrent.part = *parse_part(flags_.part);
        if (!hashed_.md5.empty()) torrent.classic = classic_entry();
        if (flags_.super_seed) torrent.super_seed = engine::SuperSeed::on;
        torrent.read_only = true;
        run_.hold();  // until it is published
        if (!run_.add(std::move(torrent))) run_.give_up();
        return run_.run();
    }

  private:
    void publish() {
        if (publishing_) return;
        catalogue_client::Publication publication;
        publication.name = name_;
        publication.metainfo = std::move(hashed_.torrent);
        publication.description = flags_.description;
        publication.md5 = hashed_.md5;
        publication.peer_port = run_.session().port();
        publishing_ = catalogue_.publish(
            std::move(publication), key_,
            [this](Result<catalogue_protocol::PublishResult> result) { on_published(std::move(result)); });
    }

    void on_published(Result<catalogue_protocol::PublishResult> result) {
        if (!result) {
            teller_.error(refusal(result.error()));
            return run_.give_up();
        }
        const auto tracker = catalogue_.tracker().text();
        const bool joined = *result == catalogue_protocol::PublishResult::joined;
        teller_.say(fmt::format("{}: {} at {}; get it with: spate get {}/{}", printable(name_),
                                joined ? "one more seed of the entry that somebody published" : "published",
                                tracker, tracker, printable(name_)));
        teller_.tell({{"event", "published"},
                      {"name", json_text(name_)},
                      {"result", json_text(catalogue_protocol::word_of(*result))},
                      {"tracker", tracker},
                      {"port", run_.session().port()}});
        if (!hashed_.md5.empty())
            listing_ = std::make_unique<ClassicListing>(world_, classic_entry(), run_.session().port(),
                                                        shared_range(), teller_);
        run_.release(true);
    }

    std::string refusal(const Error& error) const {
        auto text = printable(error.message(), 2000);
        if (error.is(std::errc::connection_refused) || error.is(std::errc::timed_out) ||
            error.is(std::errc::host_unreachable))
            text +=
                " (start one with 'spate tracker', or name yours: --tracker HOST[:PORT] or SPATE_TRACKER)";
        return text;
    }

    // The bytes of the pieces we give.
    ByteRange shared_range() const {
        const auto& layout = hashed_.metainfo.info.layout;
        const auto pieces = static_cast<std::uint64_t>(layout.piece_count());
        const auto part = flags_.part.empty() ? engine::Part{} : *parse_part(flags_.part);
        const auto edge = [&](std::uint32_t percent) {
            return std::min(layout.total_size(), (pieces * percent + 99) / 100 * layout.piece_length());
        };
        return {edge(part.from_percent), edge(part.to_percent)};
    }

    engine::ClassicEntry classic_entry() const { return {catalogue_.tracker(), name_}; }

    const Flags& flags_;
    const std::string folder_;  // that the file or folder lies in
    Hashed hashed_;
    const hash::SigningKey key_;
    io::World world_;
    TorrentTeller& teller_;
    std::string name_;  // of the entry
    catalogue_client::CatalogueClient catalogue_;
    TorrentRun run_;
    catalogue_client::CatalogueClient::Work publishing_;
    std::unique_ptr<ClassicListing> listing_;
};

Result<hash::SigningKey> load_key(io::World& world) {
    auto state = world.files.open_folder(state_home(), io::IfMissing::make);
    if (!state) return fail(state.error());
    return catalogue_client::load_or_make_key(**state, world.random);
}

int run(const Flags& flags) {
    std::error_code error;
    const auto path = std::filesystem::canonical(flags.path, error);
    if (error) return fail_with(Error{error, "share", flags.path, {}});
    auto hashed = hash(flags, path.string());
    if (!hashed) {
        fmt::print(stderr, "spate share: stopped, nothing was published\n");
        return exit_interrupted;
    }
    if (!*hashed) return fail_with(hashed->error());
    (void)io_linux::raise_fd_limit().has_value();  // fewer descriptors only mean fewer connections
    io_linux::Loop loop(pool_threads());
    io_linux::ignore_broken_pipes();
    auto world = loop.world();
    auto key = load_key(world);
    if (!key) return fail_with(key.error());
    const auto out = io_linux::LineWriter::start(STDOUT_FILENO);
    if (!out) return fail_with(out.error());
    TorrentTeller teller(flags.torrent.telling(), "spate share", **out);
    return Share(loop, flags, path.parent_path().string(), std::move(**hashed), std::move(*key), teller).go();
}

}  // namespace

void add_share_command(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<Flags>();
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
    command->add_option("--name", flags->name, "Name of the entry (default: PATH's last part)");
    command->add_option("--description", flags->description, "A line about it, for people");
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
        ->check(CLI::Range(1U, 256U));
    command->callback([flags, &chosen] { chosen.run = [flags] { return run(*flags); }; });
}

}  // namespace spate::apps
