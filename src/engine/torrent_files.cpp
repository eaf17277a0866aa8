#include "engine/torrent_files.h"

namespace spate::engine {

TorrentFiles::TorrentFiles(SessionShare& share, piece_store::StoreOptions options,
                           piece_store::StoreEvents& events, TorrentFilesOwner& owner)
    : share_(share),
      owner_(owner),
      read_only_(options.read_only),
      store_(share.world, share.store_resources, events, std::move(options)) {}

void TorrentFiles::open() {
    store_.open([this, alive = alive_](Result<piece_store::Opened> opened) {
        if (*alive) on_opened(std::move(opened));
    });
}

void TorrentFiles::on_opened(Result<piece_store::Opened> opened) {
    if (!opened && may_pass(opened.error())) return wait_for(opened.error());
    if (!opened) {
        for (auto& task : std::exchange(when_open_, {})) task(fail(opened.error()));
        return owner_.on_files_failed(opened.error());
    }
    wait_.on_well();
    phase_ = Phase::open;
    unfinished_ = std::move(opened->unfinished);
    owner_.on_files_open(*opened);
    for (auto& task : std::exchange(when_open_, {})) task({});
    if (opened->needs_check) return check();
    become_known();
}

// Peers are welcome meanwhile, and are told what is found.
void TorrentFiles::check() {
    owner_.on_files_checking();
    store_.check([this, alive = alive_](Result<void> checked) {
        if (!*alive) return;
        // Whose they are cannot be told yet.
        if (!checked && may_pass(checked.error())) return wait_for(checked.error());
        if (!checked) return owner_.on_files_failed(checked.error());
        become_known();
    });
}

void TorrentFiles::become_known() {
    phase_ = Phase::known;
    owner_.on_files_known();
    note_unread();
    wait_.end_try();
    on_well();
}

// --- elsewhere

void TorrentFiles::when_open(Task task) {
    if (is_open()) return task({});
    when_open_.push_back(std::move(task));
}

void TorrentFiles::move_to(std::string folder, piece_store::PieceStore::Say say, Done done) {
    when_open([this, folder = std::move(folder), say = std::move(say),
               done = std::move(done)](const Result<void>& opened) mutable {
        if (!opened) return done(opened);
        store_.move_to(std::move(folder), std::move(say), std::move(done));
    });
}

void TorrentFiles::rename_file(metainfo::FileIndex file, std::string path, Done done) {
    when_open(
        [this, file, path = std::move(path), done = std::move(done)](const Result<void>& opened) mutable {
            if (!opened) return done(opened);
            store_.rename_file(file, std::move(path), std::move(done));
        });
}

// --- waiting

void TorrentFiles::wait_for(const Error& error) {
    const bool before = wait_.waiting();
    wait_.on_trouble(error, share_.now());
    if (!before) owner_.on_files_waiting();
}

void TorrentFiles::on_well() {
    if (in_trouble_ || !wait_.waiting()) return;
    // What could not be read waits for more than a disk that takes what is written: the next try looks at it.
    if (store_.has_doubts() || (read_only_ && known() && !owner_.has_all_wanted())) return;
    wait_.on_well();
    owner_.on_files_well();
}

void TorrentFiles::on_disk_trouble(const Error& error) {
    in_trouble_ = true;
    if (store_.have().none() && is_forbidden(error)) return owner_.on_files_failed(error);
    wait_for(error);
}

void TorrentFiles::on_disk_well() {
    in_trouble_ = false;
    on_well();
}

void TorrentFiles::on_verdicts(bool any) {
    if (any && !wait_.waiting() && !in_trouble_) wait_.on_well();
    wait_.end_try();
}

void TorrentFiles::on_tick(TimePoint now) {
    if (wait_.begin_try(now)) return retry();
    if (wait_.waiting() || !known() || store_.checking()) return;
    if (store_.has_doubts() || unread_.begin_try(now)) check_again();
}

void TorrentFiles::retry() {
    if (!is_open()) return open();
    owner_.on_files_retry();
    if (store_.retry() || store_.checking()) return;
    if (!known()) return check();
    if (store_.has_doubts() || read_only_) return check_again();
    if (owner_.has_all_wanted()) return;  // its end could not be saved: the owner tries that
    wait_.go_on();
    owner_.on_files_well();
}

// What was lost may be there after all, or again.
void TorrentFiles::check_again() {
    store_.check([this, alive = alive_](const Result<void>&) {
        if (!*alive) return;
        wait_.end_try();
        note_unread();
        if (store_.has_doubts()) return;  // some were lost meanwhile: the next try looks at them
        // What is missing still is fetched, or comes back as it went.
        if (owner_.has_all_wanted() || !read_only_) return on_well();
        if (wait_.waiting()) wait_.on_trouble(*wait_.why(), share_.now());
    });
}

// A read-only torrent waits until nothing is missing.
void TorrentFiles::note_unread() {
    const Error* const why = store_.unread();
    if (why == nullptr || read_only_) return unread_.on_well();
    if (!unread_.waiting()) owner_.on_files_unread(*why);
    unread_.on_trouble(*why, share_.now());
}

}  // namespace spate::engine
