#include "apps/get_command.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/core.h>
#include <fnmatch.h>
#include <memory>
#include <unistd.h>

#include "apps/classic_get.h"
#include "apps/classic_listing.h"
#include "apps/hash_watch.h"
#include "apps/json_line.h"
#include "apps/resume_cleanup.h"
#include "apps/size_text.h"
#include "apps/source_finder.h"
#include "apps/torrent_flags.h"
#include "base/printable.h"
#include "io/linux/limits.h"
#include "piece_store/file_attributes.h"
#include "piece_store/resume_database.h"

namespace spate::apps {
namespace {

constexpr std::size_t sources_max = 1000;

struct Flags {
    TorrentFlags torrent;
    std::vector<std::string> sources;
    std::string folder = ".";
    std::vector<std::string> select;
    std::vector<std::string> peers;
    std::string timeout;
    std::string shards = "1";
    bool sequential = false;
    bool preallocate = false;
    bool check = false;
    bool overwrite = false;

    // What is remembered of this download, for a run of the same command.
    std::string state_folder() const {
        std::string key = absolute_path(folder);
        for (const auto& source : sources) key += '\0' + source;
        return resume_folder(key);
    }
    // A torrent is in one of them; beside each, a core is for disk and hashing.
    unsigned shard_count() const {
        const auto wanted = shards == "auto" ? std::clamp(usable_cores() / 2, 1U, engine::Shards::shards_max)
                                             : static_cast<unsigned>(std::stoul(shards));
        return std::min(wanted, static_cast<unsigned>(sources.size()));
    }
};

std::string check_shards(const std::string& text) {
    const bool is_number = text.size() == 1 && text[0] >= '1' && text[0] <= '9';
    static_assert(engine::Shards::shards_max == 9);
    return is_number || text == "auto" ? "" : "'" + text + "' is no number from 1 to 9, and not auto";
}

std::string check_peer(const std::string& text) {
    const auto peer = HostPort::parse(text, 0);
    return peer && peer->port != 0 ? "" : "'" + text + "' is no HOST:PORT";
}

// Against the whole path, the path below the root folder, and the file's own name.
bool matches(const std::vector<std::string>& globs, const std::string& path) {
    const auto root = path.find('/');
    const auto below = root == path.npos ? path : path.substr(root + 1);
    const auto name = path.substr(path.rfind('/') + 1);
    return std::ranges::any_of(globs, [&](const std::string& glob) {
        return std::ranges::any_of(
            std::initializer_list<const std::string*>{&path, &below, &name},
            [&](const auto* text) { return ::fnmatch(glob.c_str(), text->c_str(), 0) == 0; });
    });
}

bool selects_something(const std::vector<std::string>& globs, const metainfo::Metainfo& torrent) {
    return std::ranges::any_of(torrent.info.layout.files(), [&](const metainfo::File& file) {
        return !file.attributes.pad && matches(globs, file.path);
    });
}

// All that one call of the program downloads.
class Get {
  public:
    Get(io_linux::Loop& loop, const Flags& flags, TorrentTeller& teller)
        : flags_(flags),
          folder_(absolute_path(flags.folder)),
          world_(loop.world()),
          teller_(teller),
          run_(loop, settings(), teller) {
        run_.more_rows = [this](std::vector<engine::TorrentStatus>& rows) {
            for (const auto& classic : classic_) rows.push_back(classic->status());
        };
        run_.on_complete = [this](engine::TorrentId id) {
            set_attributes(id);
            list_classic(id);
        };
        run_.on_lost = [this](engine::TorrentId id) {
            if (const auto listing = listings_.find(id); listing != listings_.end())
                listing->second->withdraw([] {});
        };
        run_.before_stop = [this](io::Callback done) { stop_classic(std::move(done)); };
    }

    int go() {
        if (auto port = run_.start(); !port) {
            teller_.error(printable(port.error().message(), 2000));
            return exit_failed;
        }
        for (const auto& source : flags_.sources) find(source);
        return run_.run();
    }

    // resume_key() of downloads that are over, and of those that a file is in the way of: it must not pass
    // for ours the next time.
    std::vector<std::string> keys_to_forget() const {
        std::vector<std::string> keys;
        const auto add = [&](engine::TorrentId id) {
            if (const auto key = keys_.find(id); key != keys_.end()) keys.push_back(key->second);
        };
        // Of some files only, pieces at their borders are right by what is remembered alone.
        if (flags_.select.empty())
            for (const auto id : run_.over()) add(id);
        for (const auto id : run_.in_the_way()) add(id);
        return keys;
    }

  private:
    TorrentRun::Settings settings() const {
        auto settings = flags_.torrent.settings(SeedUntil{});
        settings.session.state_folder = flags_.state_folder();
        settings.when_interrupted =
            "not all of it is there: what came is kept, the same command goes on with it";
        settings.session.must_listen = flags_.torrent.port != 0;
        settings.shards = flags_.shard_count();
        if (flags_.torrent.port != 0)
            settings.session.port_last =
                static_cast<std::uint16_t>(std::min(65'535U, flags_.torrent.port + settings.shards - 1));
        if (!flags_.timeout.empty()) settings.timeout = parse_time(flags_.timeout);
        return settings;
    }

    void find(const std::string& text) {
        std::error_code error;
        auto source =
            parse_source(text, flags_.torrent.tracker_place(), std::filesystem::is_regular_file(text, error));
        run_.hold();
        if (!source) return refuse(source.error());
        finders_.push_back(std::make_unique<SourceFinder>(
            world_, std::move(*source), [this](Result<FoundSource> found) { on_found(std::move(found)); }));
    }

    void refuse(const Error& error) {
        teller_.error(printable(error.message(), 2000));
        run_.release(false);
    }

    void on_found(Result<FoundSource> found) {
        if (!found) return refuse(found.error());
        if (const auto* entry = std::get_if<ClassicOnly>(&found->what)) return get_classic(*entry);
        engine::AddTorrent torrent;
        if (auto* metainfo = std::get_if<metainfo::Metainfo>(&found->what)) {
            if (!flags_.select.empty() && !selects_something(flags_.select, *metainfo))
                return refuse(
                    Error::invalid("get", metainfo->info.name,
                                   "no file in it matches --select; 'spate info' shows a torrent's files"));
            tell_found(*metainfo);
            torrent.what = std::move(*metainfo);
        } else {
            auto& magnet = std::get<metainfo::Magnet>(found->what);
            // Who else would know its peers?
            if (magnet.trackers.empty()) found->trackers = announce_urls(flags_.torrent.tracker_place());
            torrent.what = std::move(magnet);
        }
        const auto key = piece_store::resume_key(engine::hash_of(torrent));
        torrent.folder = folder_;
        torrent.trackers = std::move(found->trackers);
        torrent.wants = wants();
        for (const auto& peer : flags_.peers) torrent.peers.push_back(*HostPort::parse(peer, 0));
        torrent.peer_limits = flags_.torrent.peer_limits();
        torrent.sequential = flags_.sequential;
        torrent.preallocate = flags_.preallocate;
        torrent.overwrite = flags_.overwrite;
        if (flags_.check) torrent.on_disk = engine::OnDisk::check;
        torrent.classic = found->classic;
        const auto id = run_.add(std::move(torrent));
        if (id) keys_[*id] = key;
        if (id && found->classic) classic_names_[*id] = *found->classic;
        run_.release(id.has_value());
    }

    std::function<bool(const metainfo::File&)> wants() const {
        if (flags_.select.empty()) return {};
        return [globs = flags_.select](const metainfo::File& file) { return matches(globs, file.path); };
    }

    void tell_found(const metainfo::Metainfo& torrent) {
        const auto& layout = torrent.info.layout;
        const auto pieces = layout.piece_count();
        teller_.say(fmt::format("{}: {}, {} {}", printable(torrent.info.name, 200),
                                size_text(layout.total_size()), pieces, pieces == 1 ? "piece" : "pieces"));
        teller_.tell({{"event", "found"},
                      {"name", json_text(torrent.info.name)},
                      {"size", layout.total_size()},
                      {"pieces", layout.piece_count()}});
    }

    void get_classic(const ClassicOnly& what) {
        teller_.tell({{"event", "found"},
                      {"name", json_text(what.entry.name)},
                      {"size", what.size},
                      {"classic", true}});
        classic_.push_back(std::make_unique<ClassicGet>(world_, what, folder_, flags_.overwrite, teller_,
                                                        [this](bool good) { run_.release(good); }));
    }

    void set_attributes(engine::TorrentId id) {
        const auto& layout = run_.torrents().metainfo_of(id)->info.layout;
        const bool has_some = std::ranges::any_of(layout.files(), [](const metainfo::File& file) {
            return file.attributes.executable || file.attributes.symlink;
        });
        if (!has_some) return;
        run_.hold();
        const auto notes = std::make_shared<Result<std::vector<std::string>>>();
        world_.pool.submit(
            [&files = world_.files, folder = folder_, layout, wants = wants(), notes] {
                auto opened = files.open_folder(folder, io::IfMissing::fail);
                if (opened)
                    *notes = piece_store::set_file_attributes(**opened, layout, wants);
                else
                    *notes = fail(std::move(opened.error()));
            },
            [this, notes] {
                if (!*notes) return refuse(notes->error());
                for (const auto& note : **notes) teller_.warn(note);
                run_.release(true);
            });
    }

    // Whoever goes on sharing a whole file serves classic peers as well.
    void list_classic(engine::TorrentId id) {
        const auto entry = classic_names_.find(id);
        if (flags_.torrent.seed_until.empty() || !flags_.select.empty() || entry == classic_names_.end())
            return;
        auto& listing = listings_[id];
        if (listing) return listing->announce();
        const auto size = run_.torrents().metainfo_of(id)->info.layout.total_size();
        listing = std::make_unique<ClassicListing>(world_, entry->second, run_.torrents().port_of(id),
                                                   ByteRange{0, size}, size, teller_);
    }

    void stop_classic(io::Callback done) {
        auto left = std::make_shared<std::size_t>(classic_.size() + listings_.size() + 1);
        const auto one_done = [left, shared = std::make_shared<io::Callback>(std::move(done))] {
            if (--*left == 0) (*shared)();
        };
        for (const auto& classic : classic_) classic->stop(one_done);
        for (const auto& [id, listing] : listings_) listing->withdraw(one_done);
        one_done();
    }

    const Flags& flags_;
    const std::string folder_;
    io::World world_;
    TorrentTeller& teller_;
    TorrentRun run_;
    std::vector<std::unique_ptr<SourceFinder>> finders_;  // one a source, to the end
    std::vector<std::unique_ptr<ClassicGet>> classic_;
    std::map<engine::TorrentId, engine::ClassicEntry> classic_names_;
    std::map<engine::TorrentId, std::string> keys_;  // resume_key() of each
    std::map<engine::TorrentId, std::unique_ptr<ClassicListing>> listings_;
};

int run(const Flags& flags) {
    (void)io_linux::raise_fd_limit().has_value();  // fewer descriptors only mean fewer connections
    io_linux::ignore_broken_pipes();
    const auto out = io_linux::LineWriter::start(STDOUT_FILENO);
    if (!out) {
        fmt::print(stderr, "spate get: {}\n", out.error().message());
        return exit_failed;
    }
    TorrentTeller teller(flags.torrent.telling(), "spate get", **out);
    std::vector<std::string> finished;
    const int code = [&] {
        io_linux::Loop loop(pool_threads());  // its end waits for jobs that hold the state folder
        Get get(loop, flags, teller);
        const int result = get.go();
        finished = get.keys_to_forget();
        return result;
    }();
    if (const auto forgotten = forget_downloads(flags.state_folder(), finished); !forgotten)
        teller.warn(printable(forgotten.error().message(), 2000));
    return code;
}

}  // namespace

void add_get_command(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<Flags>();
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
        ->check([flags](const std::string&) {
            return flags->sources.size() > sources_max ? "more than 1000 sources" : "";
        });
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
    command
        ->add_option(
            "--seed-until", flags->torrent.seed_until,
            "Share it when it is there, until so many times its size was given (1.5), for a time (2h), or "
            "until interrupted (never). Without this it ends when all is there")
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
