#include "tracker/swarm_keeper.h"

#include <algorithm>
#include <utility>

#include "storage/atomic_file.h"
#include "tracker/swarm_file.h"

namespace spate::tracker {

namespace {

constexpr std::int64_t long_ago_seconds = 365 * 86'400;

// Into the store, with the time that passed since.
class Restoring final : public SwarmFileReader::Sink {
  public:
    Restoring(SwarmStore& swarms, const io::Reactor& reactor)
        : swarms_(swarms), now_(reactor.now()), wall_now_(reactor.wall_now()) {}

    void on_client_key(const hash::SipKey& key) override { swarms_.set_client_key(key); }
    void on_swarm(const KeptSwarm& swarm, WallTime saved) override {
        swarms_.restore(swarm, std::chrono::seconds(passed_since(saved)), now_);
    }

  private:
    // A clock that was set back, or a time that is none.
    std::int64_t passed_since(WallTime saved) const {
        if (saved >= wall_now_) return 0;
        if (saved.unix_seconds < wall_now_.unix_seconds - long_ago_seconds) return long_ago_seconds;
        return wall_now_.unix_seconds - saved.unix_seconds;
    }

    SwarmStore& swarms_;
    TimePoint now_;
    WallTime wall_now_;
};

Result<void> read_into(io::Folder& folder, std::string_view name, SwarmFileReader::Sink& sink) {
    auto file = folder.open(name, io::OpenMode::read);
    if (!file) return fail(std::move(file.error()));
    SwarmFileReader reader(sink);
    std::vector<std::uint8_t> part(swarm_block_bytes_max);
    for (std::uint64_t at = 0;;) {
        const auto size = (*file)->read_at(at, part);
        if (!size) return fail(size.error());
        if (*size == 0) return reader.end();
        if (auto fed = reader.feed(Bytes(part).first(*size)); !fed) return fed;
        at += *size;
    }
}

bool is_missing(const Result<void>& read) {
    return !read && read.error().is(std::errc::no_such_file_or_directory);
}

}  // namespace

// The file under way. One job at a time has it.
struct SwarmKeeper::Saving {
    std::shared_ptr<io::Folder> folder;
    std::string beside = storage::temporary_name(file_name);
    std::unique_ptr<io::File> file;
    std::size_t next_shard = 0;
    std::uint64_t written = 0;
    std::uint64_t changes = 0;  // of the store, when this began
    std::vector<std::uint8_t> slice;
    bool is_last = false;
    std::optional<Error> error;

    // In a pool job.
    void write() {
        auto done = file == nullptr ? open() : Result<void>();
        if (done) done = file->write_at(written, slice);
        written += slice.size();
        if (done && is_last) {
            file.reset();
            done = put_in_place();
        }
        if (!done) error = std::move(done.error());
    }
    Result<void> put_in_place() {
        const auto kept = folder->rename(file_name, former_name);
        if (!kept && !is_missing(kept)) return kept;
        return folder->rename(beside, file_name);
    }
    Result<void> open() {
        // One that was left; and nobody else shall read who takes part in what.
        static_cast<void>(folder->remove(beside).has_value());
        auto opened = folder->open(beside, io::OpenMode::create_secret);
        if (!opened) return fail(std::move(opened.error()));
        file = std::move(*opened);
        return {};
    }
};

SwarmKeeper::SwarmKeeper(io::Reactor& reactor, io::WorkPool& pool, std::unique_ptr<io::Folder> folder,
                         Duration longest, SwarmStore& swarms, Events& events)
    : reactor_(reactor),
      pool_(pool),
      folder_(std::move(folder)),
      longest_(longest),
      swarms_(swarms),
      events_(events),
      timer_(reactor.make_timer([this] { on_pause_over(); })),
      self_(std::make_shared<SwarmKeeper*>(this)) {}

Result<std::unique_ptr<SwarmKeeper>> SwarmKeeper::open(io::Reactor& reactor, io::WorkPool& pool,
                                                       io::Files& files, const std::string& folder,
                                                       Duration longest, SwarmStore& swarms, Events& events) {
    auto opened = files.open_folder(folder, io::IfMissing::make);
    if (!opened) return fail(std::move(opened.error()));
    std::unique_ptr<SwarmKeeper> keeper(
        new SwarmKeeper(reactor, pool, std::move(*opened), longest, swarms, events));
    keeper->load(folder + "/" + std::string(file_name));
    keeper->timer_->arm(reactor.now() + std::min(pause_min, longest));
    return keeper;
}

void SwarmKeeper::load(const std::string& path) {
    Restoring restoring(swarms_, reactor_);
    const auto newest = read_into(*folder_, file_name, restoring);
    if (!newest) {
        const auto former = read_into(*folder_, former_name, restoring);
        if (!is_missing(newest))
            set_aside(newest.error(), path, former.has_value());
        else if (!former && !is_missing(former))
            events_.on_trouble(former.error());
    }
    swarms_.settle();
    // What was taken from a damaged file, or from the one before, is not in the file yet.
    if (newest) saved_changes_ = swarms_.changes();
}

void SwarmKeeper::set_aside(Error error, const std::string& path, bool former_is_whole) {
    const auto kept = folder_->rename(file_name, damaged_name);
    std::string told = error.detail.empty() ? error.code.message() : error.detail;
    told += kept ? "; it is kept as " + std::string(damaged_name) : "; it stays: " + kept.error().message();
    told += former_is_whole ? "; the one saved before it is used"
                            : "; peers that are missing are listed again once they announce";
    error.object = path;
    error.detail = std::move(told);
    events_.on_trouble(error);
}

Duration SwarmKeeper::pause_after(std::uint64_t bytes) const {
    const std::chrono::seconds paid_off(bytes / bytes_a_second);
    return std::clamp<Duration>(paid_off, std::min(pause_min, longest_), longest_);
}

void SwarmKeeper::on_pause_over() {
    const auto now = reactor_.now();
    if (saving_ == nullptr && now >= earliest_ && swarms_.changes() != saved_changes_) begin();
    timer_->arm(now + std::min(pause_min, longest_));
}

void SwarmKeeper::save(OnSaved on_saved) {
    // One under way lacks what has changed since.
    wanted_.push_back(std::move(on_saved));
    if (saving_ == nullptr) begin();
}

void SwarmKeeper::begin() {
    waiting_ = std::exchange(wanted_, {});
    saving_ = std::make_shared<Saving>();
    saving_->folder = folder_;
    saving_->changes = swarms_.changes();
    append_swarm_file_start(saving_->slice, swarms_.client_key());
    next_slice();
}

void SwarmKeeper::next_slice() {
    auto& saving = *saving_;
    const auto now = reactor_.now();
    const auto wall_now = reactor_.wall_now();
    while (saving.next_shard < SwarmStore::shard_count && saving.slice.size() < slice_bytes)
        append_swarms(saving.slice, swarms_.shard(saving.next_shard++), wall_now, now);
    if (saving.slice.size() < slice_bytes) {
        append_swarm_file_end(saving.slice);
        saving.is_last = true;
    }
    pool_.submit([shared = saving_] { shared->write(); },
                 [self = std::weak_ptr<SwarmKeeper*>(self_)] {
                     if (const auto there = self.lock()) (*there)->on_written();
                 });
}

void SwarmKeeper::on_written() {
    if (saving_->is_last || saving_->error) return end();
    saving_->slice.clear();
    next_slice();
}

void SwarmKeeper::end() {
    const auto ended = std::exchange(saving_, nullptr);
    earliest_ = reactor_.now() + pause_after(ended->written);
    if (ended->error && !is_failing_) events_.on_trouble(*ended->error);
    is_failing_ = ended->error.has_value();
    if (!is_failing_) saved_changes_ = ended->changes;
    auto waiting = std::exchange(waiting_, {});
    if (!wanted_.empty()) begin();
    for (auto& on_saved : waiting) on_saved();
}

}  // namespace spate::tracker
