#include "piece_store/whereabouts.h"

#include <utility>

#include "piece_store/pool_job.h"

namespace spate::piece_store {

using metainfo::FileIndex;

Whereabouts::Whereabouts(io::World& world, std::shared_ptr<FileSet> files, const StoreOptions& options,
                         Claims& claims, SyncQueue& syncs, WhereaboutsOwner& owner)
    : world_(world),
      files_(std::move(files)),
      read_only_(options.read_only),
      claims_(claims),
      syncs_(syncs),
      owner_(&owner),
      folder_(options.folder) {}

std::string Whereabouts::path_of(FileIndex file) const {
    const auto found = renamed_.find(file);
    return found == renamed_.end() ? files_->layout().file(file).path : found->second;
}

void Whereabouts::answer_later(Done done, Result<void> result) {
    world_.reactor.post(
        [weak = weak_from_this(), done = std::move(done), result = std::move(result)]() mutable {
            const auto self = weak.lock();
            if (self && self->owner_ != nullptr) done(std::move(result));
        });
}

Error Whereabouts::busy(const char* operation) const {
    return Error::invalid(operation, folder_, "its files are being moved",
                          std::errc::device_or_resource_busy);
}

// --- one file

void Whereabouts::rename_file(FileIndex file, std::string path, Done done) {
    if (move_) return answer_later(std::move(done), fail(busy("rename in")));
    if (!must_say()) return rename_now(file, path, std::move(done));
    files_->intended().rename(file, path);
    claims_.when_saved(
        [this, file, path = std::move(path), done = std::move(done)](const Result<void>& saved) mutable {
            rename_when(saved, file, path, std::move(done));
        });
    owner_->on_to_be_said();
}

void Whereabouts::rename_when(const Result<void>& saved, FileIndex file, const std::string& path, Done done) {
    if (saved || !claims_.any()) return rename_now(file, path, std::move(done));
    files_->intended().give_up_rename(file);
    done(saved);
}

void Whereabouts::rename_now(FileIndex file, const std::string& path, Done done) {
    run_job(
        world_.pool, weak_from_this(),
        [files = files_, file, path] { return files->rename_file(file, path); },
        [file, path, done = std::move(done)](Whereabouts& self, Result<void> renamed) mutable {
            if (self.owner_ == nullptr) return;
            if (renamed) self.renamed_[file] = path;
            self.owner_->on_files_changed();
            done(std::move(renamed));
        });
}

// --- all of them

void Whereabouts::move_to(std::string folder, Say say, Done done) {
    if (move_) return answer_later(std::move(done), fail(busy("move from")));
    if (folder == folder_) return answer_later(std::move(done), {});
    move_.emplace(std::move(folder), std::move(say), std::move(done));
    if (!must_say()) return begin_move();
    files_->intended().move_to(move_->folder);
    claims_.when_saved([this](const Result<void>& saved) {
        if (saved || !claims_.any()) return begin_move();
        files_->intended().give_up_move();
        end_move(saved);
    });
    owner_->on_to_be_said();
}

void Whereabouts::begin_move() {
    if (syncs_.under_way()) return syncs_.wait([this] { begin_move(); });
    move_->begun = true;
    owner_->on_move_begun();
    run_job(
        world_.pool, weak_from_this(),
        [files = files_, folder = move_->folder] { return files->move_to(folder); },
        [](Whereabouts& self, const Result<void>& moved) {
            if (self.owner_ != nullptr) self.on_moved(moved);
        });
}

void Whereabouts::on_moved(const Result<void>& moved) {
    if (!moved) return end_move(moved);
    if (!move_->say) return on_said({});
    auto say = std::move(move_->say);
    say([weak = weak_from_this()](const Result<void>& said) {
        const auto self = weak.lock();
        if (self && self->owner_ != nullptr) self->on_said(said);
    });
}

void Whereabouts::on_said(const Result<void>& said) {
    if (said) {
        folder_ = move_->folder;
        return run_job(
            world_.pool, weak_from_this(),
            [files = files_] {
                files->end_move();
                return true;
            },
            [](Whereabouts& self, bool) {
                if (self.owner_ != nullptr) self.end_move({});
            });
    }
    run_job(
        world_.pool, weak_from_this(), [files = files_] { return files->move_back(); },
        [why = said.error()](Whereabouts& self, const FileMove::BroughtBack& back) {
            if (self.owner_ != nullptr) self.on_back(back, why);
        });
}

void Whereabouts::on_back(const FileMove::BroughtBack& back, const Error& why) {
    owner_->on_brought_back(back.copies, why);
    if (owner_ != nullptr) end_move(fail(back.stays ? *back.stays : why));
}

void Whereabouts::end_move(Result<void> result) {
    const auto self = shared_from_this();
    if (!result) owner_->on_move_failed();
    if (owner_ == nullptr) return;
    auto done = std::move(move_->done);
    move_.reset();
    owner_->on_move_ended();
    done(std::move(result));
}

}  // namespace spate::piece_store
