#include "piece_store/content_check.h"

#include <utility>

#include "piece_store/pool_job.h"

namespace spate::piece_store {
namespace {

// Else the bytes are there, and could not be read this time.
bool is_absent(const Error& error) {
    return error.is(std::errc::no_such_file_or_directory) || error.is(std::errc::no_message_available);
}

}  // namespace

ContentCheck::ContentCheck(io::World& world, Resources& resources, std::shared_ptr<FileSet> files,
                           std::shared_ptr<const metainfo::Metainfo> metainfo, Done done, CheckOwner& owner)
    : world_(world),
      resources_(resources),
      files_(std::move(files)),
      metainfo_(std::move(metainfo)),
      on_done_(std::move(done)),
      owner_(&owner),
      pieces_(files_->layout().piece_count()) {}

void ContentCheck::start() {
    run_job(
        world_.pool, weak_from_this(),
        [files = files_] {
            files->look_again();
            return true;
        },
        [](ContentCheck& self, bool) {
            if (self.owner_ != nullptr) self.begin();
        });
}

void ContentCheck::begin() {
    pieces_ = owner_->on_check_begun();
    next_ = pieces_.next_set({});
    for (auto piece = next_; piece; piece = pieces_.next_set(piece->next()))
        total_ += files_->layout().piece_size(*piece);
    world_.reactor.post([self = weak_from_this()] {
        if (const auto alive = self.lock(); alive && alive->owner_) alive->refill();
    });
}

void ContentCheck::refill() {
    const auto most = (resources_.limits().jobs + 1) * PieceHasher::batch_max;
    for (; next_ && under_way_ < most; next_ = pieces_.next_set(next_->next())) {
        PieceTask task{.files = files_, .piece = *next_, .losses = files_->taken_losses()};
        if (metainfo_->info.has_v1()) task.v1 = metainfo_->info.v1_piece_hash(*next_);
        if (metainfo_->info.has_v2()) task.v2 = metainfo_->v2_piece_hash(*next_);
        if (!task.v1 && !task.v2) {  // its layer is not known yet: it cannot be told
            done_ += files_->layout().piece_size(*next_);
            continue;
        }
        ++under_way_;
        resources_.hashes().submit(weak_from_this(), std::move(task));
    }
    if (!next_) resources_.hashes().hurry();
    if (under_way_ == 0 && owner_ != nullptr) owner_->on_check_done(std::move(on_done_));
}

void ContentCheck::on_hashed(std::span<PieceTask> tasks) {
    const auto keep_alive = shared_from_this();
    if (owner_ == nullptr) return;
    under_way_ -= tasks.size();
    std::vector<metainfo::PieceIndex> right;
    for (const auto& task : tasks) {
        done_ += files_->layout().piece_size(task.piece);
        if (!pieces_.reset(task.piece) || task.lost_meanwhile()) continue;
        const auto& verdict = task.verdict;
        if (verdict.outcome == PieceVerdict::Outcome::good) right.push_back(task.piece);
        if (verdict.error && !is_absent(*verdict.error)) owner_->on_unread(task.piece, *verdict.error);
    }
    if (!right.empty()) owner_->on_checked(right);
    if (owner_ != nullptr) refill();
}

}  // namespace spate::piece_store
