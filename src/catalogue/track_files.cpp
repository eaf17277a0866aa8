#include "catalogue/track_files.h"

#include <algorithm>
#include <utility>

#include "base/printable.h"
#include "catalogue/replies.h"
#include "classic/tracker_file.h"
#include "classic/tracker_reply.h"
#include "storage/atomic_file.h"
#include "storage/file_name.h"

namespace spate::catalogue {

namespace {

constexpr std::string_view ending = ".track";
constexpr std::string_view long_ending = ".track~long";
// What the original server wrote at a TRACKER message.
constexpr std::string_view bare_file_name = "picture-wallpaper.track";
constexpr std::string_view bare_stem = "picture-wallpaper";

struct Written {
    std::string file;
    std::string text;
};

// The bare dialect says nothing but "TRACKER": no size, no checksum, no address. The file has the
// specification's form all the same, with a size of 0 and no peers, and says why.
std::string bare_track_text(const BareTrackers& bare) {
    classic::TrackerFile file;
    file.name = classic::bare_list_ready_reply;
    auto text = classic::write_tracker_file(file);
    text += "#announced " + std::to_string(bare.size()) +
            " times by TRACKER, which names no size, checksum or address\n";
    for (const auto time : bare) text += "#TRACKER at " + std::to_string(time.unix_seconds) + "\n";
    return text;
}

bool is_current(io::Folder& folder, const Written& wanted) {
    const auto there = storage::read_file(folder, wanted.file, wanted.text.size());
    return there && as_text(*there) == wanted.text;
}

void remove_leftovers(io::Folder& folder) {
    const auto items = folder.list({});
    if (!items) return;
    for (const auto& item : *items) {
        const bool ours = item.kind == io::FileKind::file && item.name.ends_with(".new~") &&
                          item.name.find(ending) != item.name.npos;
        if (ours) static_cast<void>(folder.remove(item.name).has_value());  // one that stays does no harm
    }
}

}  // namespace

std::string track_file_name(std::string_view entry_name) {
    const bool fits = entry_name.size() + ending.size() <= storage::file_name_bytes_max;
    return fits ? std::string(entry_name) + std::string(ending)
                : storage::with_suffix(entry_name, long_ending);
}

struct TrackFiles::Job {
    std::shared_ptr<Disk> disk;
    WallTime now;
    std::chrono::seconds peer_timeout;
    bool tidy = false;
    std::vector<EntryPointer> entries;
    std::vector<std::string> gone;  // names of entries
    bool write_bare = false;
    BareTrackers bare;
    std::vector<std::string> failed;  // names of entries
    std::string first_error;

    void run() {
        if (tidy) remove_leftovers(*disk->view);
        for (const auto& entry : entries) {
            const auto error =
                write({track_file_name(entry->name), tracker_file_text(*entry, now, peer_timeout)});
            if (error) failed.push_back(entry->name);
        }
        for (const auto& name : gone) {
            const auto removed = disk->view->remove(track_file_name(name));
            if (!removed && !removed.error().is(std::errc::no_such_file_or_directory)) {
                failed.push_back(name);
                if (first_error.empty()) first_error = removed.error().message();
            }
        }
        if (write_bare) static_cast<void>(write({std::string(bare_file_name), bare_track_text(bare)}));
    }
    bool write(const Written& wanted) {
        if (is_current(*disk->view, wanted)) return false;
        // A view: what a power cut takes of it comes back at the next start.
        const auto done =
            storage::replace_file(*disk->view, wanted.file, as_bytes(wanted.text), storage::Sync::no);
        if (!done && first_error.empty()) first_error = done.error().message();
        return !done;
    }
};

TrackFiles::TrackFiles(io::Reactor& reactor, io::WorkPool& pool, Log& log, const Limits& limits,
                       const Catalogue& catalogue, std::shared_ptr<Disk> disk)
    : reactor_(reactor),
      pool_(pool),
      log_(log),
      limits_(limits),
      catalogue_(catalogue),
      disk_(std::move(disk)),
      timer_(reactor.make_timer([this] { start_job(); })),
      self_(std::make_shared<TrackFiles*>(this)) {}

TrackFiles::~TrackFiles() = default;

void TrackFiles::refresh(const Changes& changes) {
    for (const auto& change : changes.entries) waiting_.insert(change.name());
    bare_waiting_ = bare_waiting_ || changes.bare_changed;
    if (!waiting_.empty() || bare_waiting_) wait(turn);
}

void TrackFiles::refresh_all() {
    for (const auto& [name, entry] : catalogue_.entries())
        if (entry->is_classic()) waiting_.insert(name);
    bare_waiting_ = !catalogue_.bare().empty();
    wait(turn);
}

void TrackFiles::wait(Duration pause) {
    if (!working_ && !timer_->armed()) timer_->arm(reactor_.now() + pause);
}

void TrackFiles::start_job() {
    if (reactor_.now() >= retry_at_) {
        waiting_.merge(failed_);
        failed_.clear();
        retry_at_ = never;
    }
    auto job = std::make_shared<Job>();
    job->disk = disk_;
    job->now = reactor_.wall_now();
    job->peer_timeout = limits_.peer_timeout;
    job->tidy = !std::exchange(tidied_, true);
    while (!waiting_.empty() && job->entries.size() + job->gone.size() < files_per_turn) {
        auto name = std::move(waiting_.extract(waiting_.begin()).value());
        auto entry = catalogue_.share(name);
        if (entry != nullptr && entry->is_classic()) {
            job->entries.push_back(std::move(entry));
        } else {
            job->gone.push_back(std::move(name));
        }
    }
    // An entry of that name has the better claim to the file.
    job->write_bare = std::exchange(bare_waiting_, false) && catalogue_.find(bare_stem) == nullptr;
    job->bare = catalogue_.bare();
    working_ = true;
    pool_.submit([job] { job->run(); },
                 [job, still_there = std::weak_ptr<TrackFiles*>(self_)] {
                     if (const auto self = still_there.lock()) (*self)->on_done(*job);
                 });
}

void TrackFiles::on_done(const Job& job) {
    working_ = false;
    if (!job.failed.empty()) {
        if (failed_.empty()) {
            log_.warning("tracker files could not be written and are tried again later: " +
                         printable(job.first_error));
        }
        failed_.insert(job.failed.begin(), job.failed.end());
        retry_at_ = std::min(retry_at_, reactor_.now() + retry_pause);
    }
    if (!waiting_.empty() || bare_waiting_) {
        wait(turn);
    } else if (retry_at_ != never) {
        timer_->arm(retry_at_);
    }
}

}  // namespace spate::catalogue
