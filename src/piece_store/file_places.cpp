#include "piece_store/file_places.h"

#include <algorithm>
#include <utility>

namespace spate::piece_store {

using State = FileStamp::State;

FileStamp stamp_of(const io::MarkedInfo& info, State state) {
    return {state, info.size, info.modified.unix_seconds, info.modified_ns, info.mark.change};
}

void FilePlaces::begin(FileIndex file, const Found& found) {
    const std::lock_guard guard(mutex_);
    auto& place = at(file);
    place = {.stamp = found.stamp,
             .in_part = found.in_part,
             .known = found.known,
             .dirty = found.dirty,
             .writing = place.writing,
             .life = place.life};
}

bool FilePlaces::in_part(FileIndex file) const {
    const std::lock_guard guard(mutex_);
    return at(file).in_part;
}

metainfo::FileIndex FilePlaces::where(FileIndex file) const {
    return in_part(file) ? FileIndex(static_cast<std::uint32_t>(places_.size() - 1)) : file;
}

void FilePlaces::set_in_part(FileIndex file, bool in_part) {
    const std::lock_guard guard(mutex_);
    at(file).in_part = in_part;
}

bool FilePlaces::absent(FileIndex file) const {
    const std::lock_guard guard(mutex_);
    return at(file).stamp.state == State::absent;
}

bool FilePlaces::part_file_is_idle() const {
    const std::lock_guard guard(mutex_);
    const auto& part = places_.back();
    return part.stamp.state != State::absent && part.writing == 0 &&
           std::ranges::none_of(places_, &Place::in_part);
}

// --- writes

std::optional<FilePlaces::Life> FilePlaces::begin_write(FileIndex file) {
    const std::lock_guard guard(mutex_);
    auto& place = at(file);
    if (place.loss != Loss::none) return std::nullopt;
    ++place.writing;
    place.dirty = true;
    if (std::exchange(place.stamp.state, State::in_work) != State::in_work) begun_ = true;
    return place.life;
}

// A sync may have passed by meanwhile.
void FilePlaces::end_write(FileIndex file, Life life, bool opened) {
    const std::lock_guard guard(mutex_);
    auto& place = at(file);
    --place.writing;
    if (place.life != life) return;
    place.dirty = true;
    if (std::exchange(place.stamp.state, State::in_work) != State::in_work) begun_ = true;
    place.known = place.known || opened;
}

std::optional<bool> FilePlaces::known(FileIndex file, Life life) const {
    const std::lock_guard guard(mutex_);
    const auto& place = at(file);
    if (place.loss != Loss::none || place.life != life) return std::nullopt;
    return place.known;
}

void FilePlaces::note_known(FileIndex file, Life life) {
    const std::lock_guard guard(mutex_);
    if (at(file).life == life) at(file).known = true;
}

// --- losses

void FilePlaces::spoil(FileIndex file) {
    const std::lock_guard guard(mutex_);
    auto& place = at(file);
    if (place.loss != Loss::none) return;
    place.loss = Loss::found;
    place.life = ++losses_;
}

bool FilePlaces::any_spoiled() const {
    const std::lock_guard guard(mutex_);
    return std::ranges::any_of(places_, [](const Place& place) { return place.loss != Loss::none; });
}

std::vector<metainfo::FileIndex> FilePlaces::take_spoiled() {
    std::vector<FileIndex> found;
    if (losses_ == taken_losses_) return found;
    const std::lock_guard guard(mutex_);
    taken_losses_ = losses_.load();
    for (FileIndex file; file.value < places_.size(); ++file) {
        auto& place = at(file);
        if (place.loss != Loss::found) continue;
        found.push_back(file);
        place = {.in_part = place.in_part, .loss = Loss::taken, .writing = place.writing, .life = place.life};
    }
    return found;
}

void FilePlaces::allow_spoiled() {
    if (losses_ == 0) return;
    const std::lock_guard guard(mutex_);
    for (auto& place : places_)
        if (place.loss == Loss::taken) place.loss = Loss::none;
}

FilePlaces::Life FilePlaces::life(FileIndex file) const {
    const std::lock_guard guard(mutex_);
    return at(file).life;
}

// --- syncs

std::vector<FilePlaces::ToSync> FilePlaces::take_unsynced() {
    std::vector<ToSync> files;
    const std::lock_guard guard(mutex_);
    for (FileIndex file; file.value < places_.size(); ++file) {
        auto& place = at(file);
        const auto before = place.stamp.state;
        const bool was_dirty = std::exchange(place.dirty, false);
        // It could not even be made.
        if (before == State::in_work && !place.known && place.loss == Loss::none) place.stamp = {};
        if (place.stamp.state != State::in_work && !was_dirty) continue;
        if (place.stamp.state != State::absent) files.push_back({file, place.life, before, was_dirty});
    }
    return files;
}

bool FilePlaces::note_synced(const ToSync& synced, FileStamp stamp, bool rests) {
    const std::lock_guard guard(mutex_);
    auto& place = at(synced.file);
    if (place.life != synced.life) return false;
    stamp.state = rests && !place.dirty && place.writing == 0 ? State::settled : State::in_work;
    place.stamp = stamp;
    return stamp.state == State::settled;
}

std::vector<FileStamp> FilePlaces::stamps() const {
    const std::lock_guard guard(mutex_);
    std::vector<FileStamp> stamps;
    stamps.reserve(places_.size());
    for (const auto& place : places_) stamps.push_back(place.stamp);
    return stamps;
}

// --- the watch

bool FilePlaces::is_as_known(FileIndex file, const io::FileInfo& info, std::uint64_t end) const {
    const std::lock_guard guard(mutex_);
    const auto& stamp = at(file).stamp;
    if (stamp.state == State::in_work) return info.size >= end;
    return stamp.state == State::settled && info.size == stamp.size &&
           info.modified.unix_seconds == stamp.modified && info.modified_ns == stamp.modified_ns;
}

void FilePlaces::note_changed(FileIndex file) {
    const std::lock_guard guard(mutex_);
    at(file).changed = true;
}

std::vector<metainfo::FileIndex> FilePlaces::changed() const {
    std::vector<FileIndex> found;
    const std::lock_guard guard(mutex_);
    for (FileIndex file; file.value < places_.size(); ++file)
        if (at(file).changed && at(file).loss == Loss::none) found.push_back(file);
    return found;
}

// One that is not there may come back.
void FilePlaces::look_again(FileIndex file, const FileStamp& now, bool dirty) {
    const std::lock_guard guard(mutex_);
    auto& place = at(file);
    if (place.loss != Loss::none) return;
    place.stamp = now;
    place.changed = now.state == State::absent;
    place.dirty = dirty && !place.changed;
}

void FilePlaces::note_moved(FileIndex file, const io::MarkedInfo& info) {
    const std::lock_guard guard(mutex_);
    auto& stamp = at(file).stamp;
    if (stamp.state == State::settled) stamp = stamp_of(info, stamp.state);
}

void FilePlaces::note_renamed(FileIndex file, const io::FileMark& mark) {
    const std::lock_guard guard(mutex_);
    at(file).stamp.mark = mark.change;
}

}  // namespace spate::piece_store
