#include "apps/get.h"

#include <algorithm>
#include <filesystem>
#include <fmt/core.h>
#include <fnmatch.h>

#include "apps/command.h"
#include "apps/json_line.h"
#include "apps/size_text.h"
#include "apps/tracker_wait.h"
#include "base/printable.h"
#include "piece_store/file_attributes.h"
#include "piece_store/resume_database.h"

namespace spate::apps {
namespace {

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

}  // namespace

Get::Get(io_linux::Loop& loop, const GetFlags& flags, TorrentTeller& teller)
    : flags_(flags),
      folder_(absolute_path(flags.folder)),
      world_(loop.world()),
      teller_(teller),
      run_(loop, settings(), teller),
      ask_timer_(world_.reactor.make_timer([this] { tell_asked(); })) {
    run_.more_rows = [this](std::vector<TorrentRow>& rows) {
        for (const auto& classic : classic_)
            rows.push_back({classic->status(), classic->status().complete()});
    };
    run_.on_complete = [this](engine::TorrentId id) {
        set_attributes(id);
        list_classic(id);
    };
    run_.on_lost = [this](engine::TorrentId id) {
        if (const auto listing = listings_.find(id); listing != listings_.end())
            listing->second->withdraw([] {});
    };
    run_.on_left = run_.on_lost;
    run_.before_stop = [this](io::Callback done) { stop_classic(std::move(done)); };
}

int Get::go() {
    if (auto port = run_.start(); !port) {
        teller_.error(port.error());
        return exit_failed;
    }
    ask_timer_->arm(world_.reactor.now() + TrackerWait::patience);
    for (const auto& source : flags_.sources) find(source);
    return run_.run();
}

std::vector<std::string> Get::keys_to_forget() const {
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

TorrentRun::Settings Get::settings() const {
    auto settings = flags_.torrent.settings(SeedUntil{});
    settings.session.state_folder = flags_.state_folder();
    settings.when_interrupted = "not all of it is there: what came is kept, the same command goes on with it";
    settings.session.must_listen = flags_.torrent.port != 0;
    settings.shards = flags_.shard_count();
    if (flags_.torrent.port != 0)
        settings.session.port_last =
            static_cast<std::uint16_t>(std::min(65'535U, flags_.torrent.port + settings.shards - 1));
    if (!flags_.timeout.empty()) settings.timeout = parse_time(flags_.timeout);
    return settings;
}

void Get::find(const std::string& text) {
    std::error_code error;
    auto source =
        parse_source(text, flags_.torrent.tracker_place(), std::filesystem::is_regular_file(text, error));
    run_.hold();
    if (!source) return refuse(source.error());
    std::optional<HostPort> tracker;
    if (const auto* entry = std::get_if<EntrySource>(&*source)) asked_.insert(*(tracker = entry->tracker));
    finders_.push_back(std::make_unique<SourceFinder>(world_, std::move(*source),
                                                      [this, text, tracker](Result<FoundSource> found) {
                                                          if (tracker)
                                                              asked_.erase(asked_.find(*tracker));
                                                          else if (found)
                                                              add_our_tracker(*found);
                                                          on_found(text, std::move(found));
                                                      }));
}

// Who else would know the peers of what names no tracker? Beside others it is asked only if it was given, and
// a private torrent keeps to its own.
void Get::add_our_tracker(FoundSource& found) const {
    std::vector<std::vector<std::string>> named;
    bool is_private = false;
    if (const auto* torrent = std::get_if<metainfo::Metainfo>(&found.what)) {
        named = torrent->trackers;
        is_private = torrent->info.private_torrent;
    } else if (const auto* magnet = std::get_if<metainfo::Magnet>(&found.what)) {
        named = {magnet->trackers};
    }
    const bool names_none = std::ranges::all_of(named, [](const auto& tier) { return tier.empty(); });
    if (names_none || (flags_.torrent.tracker_given && !is_private))
        found.trackers = missing_urls(flags_.torrent.tracker_place(), named);
}

// Each of them once.
void Get::tell_asked() {
    for (auto tracker = asked_.begin(); tracker != asked_.end(); tracker = asked_.upper_bound(*tracker))
        teller_.warn(TrackerWait::text(*tracker));
}

void Get::refuse(const Error& error) {
    teller_.error(error);
    run_.release(false);
}

void Get::on_found(const std::string& text, Result<FoundSource> found) {
    if (!found) return refuse(found.error());
    if (const auto* entry = std::get_if<ClassicOnly>(&found->what)) {
        const auto& [tracker, name] = entry->entry;
        if (is_new(tracker.text() + '/' + name, text)) get_classic(*entry);
        return;
    }
    add(text, std::move(*found));
}

void Get::add(const std::string& text, FoundSource found) {
    engine::AddTorrent torrent;
    if (auto* metainfo = std::get_if<metainfo::Metainfo>(&found.what)) {
        if (!flags_.select.empty() && !selects_something(flags_.select, *metainfo))
            return refuse(
                Error::invalid("get", metainfo->info.name,
                               "no file in it matches --select; 'spate info' shows a torrent's files"));
        torrent.what = std::move(*metainfo);
    } else {
        torrent.what = std::move(std::get<metainfo::Magnet>(found.what));
    }
    const auto key = piece_store::resume_key(engine::hash_of(torrent));
    if (!is_new(key, text)) return;
    if (const auto* known = std::get_if<metainfo::Metainfo>(&torrent.what)) tell_found(*known);
    torrent.folder = folder_;
    torrent.trackers = std::move(found.trackers);
    torrent.wants = wants();
    for (const auto& peer : flags_.peers) torrent.peers.push_back(*HostPort::parse(peer, 0));
    torrent.peer_limits = flags_.torrent.peer_limits();
    torrent.sequential = flags_.sequential;
    torrent.preallocate = flags_.preallocate;
    torrent.overwrite = flags_.overwrite;
    if (flags_.check) torrent.on_disk = engine::OnDisk::check;
    torrent.classic = found.classic;
    const auto id = run_.add(std::move(torrent));
    if (id) keys_[*id] = key;
    if (id && found.classic) classic_names_[*id] = *found.classic;
    run_.release(id.has_value());
}

// What is named twice on one command line is taken once.
bool Get::is_new(const std::string& key, const std::string& source) {
    if (taken_.insert(key).second) return true;
    teller_.warn(printable(source, 200) + ": another source is the same; it is taken once");
    run_.release(true);
    return false;
}

std::function<bool(const metainfo::File&)> Get::wants() const {
    if (flags_.select.empty()) return {};
    return [globs = flags_.select](const metainfo::File& file) { return matches(globs, file.path); };
}

void Get::tell_found(const metainfo::Metainfo& torrent) {
    const auto& layout = torrent.info.layout;
    const auto pieces = layout.piece_count();
    teller_.say(fmt::format("{}: {}, {} {}", printable(torrent.info.name, 200),
                            size_text(layout.total_size()), pieces, pieces == 1 ? "piece" : "pieces"));
    teller_.tell({{"event", "found"},
                  {"name", json_text(torrent.info.name)},
                  {"size", layout.total_size()},
                  {"pieces", layout.piece_count()}});
}

void Get::get_classic(const ClassicOnly& what) {
    teller_.tell(
        {{"event", "found"}, {"name", json_text(what.entry.name)}, {"size", what.size}, {"classic", true}});
    classic_.push_back(std::make_unique<ClassicGet>(world_, what, folder_, flags_.overwrite, teller_,
                                                    [this](bool good) { run_.release(good); }));
}

void Get::set_attributes(engine::TorrentId id) {
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
void Get::list_classic(engine::TorrentId id) {
    const auto entry = classic_names_.find(id);
    if (flags_.torrent.seed_until.empty() || !flags_.select.empty() || entry == classic_names_.end()) return;
    auto& listing = listings_[id];
    if (listing) return listing->announce();
    const auto size = run_.torrents().metainfo_of(id)->info.layout.total_size();
    listing = std::make_unique<ClassicListing>(world_, entry->second, run_.torrents().port_of(id),
                                               ByteRange{0, size}, size, teller_);
}

void Get::stop_classic(io::Callback done) {
    auto left = std::make_shared<std::size_t>(classic_.size() + listings_.size() + 1);
    const auto one_done = [left, shared = std::make_shared<io::Callback>(std::move(done))] {
        if (--*left == 0) (*shared)();
    };
    for (const auto& classic : classic_) classic->stop(one_done);
    for (const auto& [id, listing] : listings_) listing->withdraw(one_done);
    one_done();
}

}  // namespace spate::apps
