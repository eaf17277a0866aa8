#include "creation/verify.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "creation/found_content.h"
#include "creation/hash_run.h"
#include "hash/kernel_ladder.h"

namespace spate::creation {

bool Verified::all_good() const {
    return good.all() &&
           std::ranges::all_of(files, [](const FileVerdict& file) { return file.state == FileState::good; });
}

// Shared with the jobs; `stop` says that the Verification is gone.
struct Verification::State : std::enable_shared_from_this<State> {
    State(io::Files& f, io::WorkPool& p, std::shared_ptr<const metainfo::Metainfo> t, std::string where,
          unsigned j, OnDone d)
        : files(f), pool(p), torrent(std::move(t)), path(std::move(where)), jobs(j), on_done(std::move(d)) {}

    void start();
    void hash();
    void judge(metainfo::PieceIndex piece, const PieceHashes& hashes);
    void take_fault(const FileFault& fault);
    void finish();
    void blame(metainfo::PieceIndex piece);
    void end(Result<Verified> result) { std::exchange(on_done, {})(std::move(result)); }

    io::Files& files;
    io::WorkPool& pool;
    const std::shared_ptr<const metainfo::Metainfo> torrent;
    const std::string path;
    const unsigned jobs;
    OnDone on_done;
    std::atomic<bool> stop = false;
    Phase phase = Phase::looking;
    Result<FoundContent> found = fail(Error{});
    std::unique_ptr<HashRun> run;
    Verified verified;
};

void Verification::State::start() {
    auto self = shared_from_this();
    pool.submit(
        [self] { self->found = find_content(self->files, self->torrent->info, self->path, self->stop); },
        [self] {
            if (self->stop) return;
            if (!self->found) return self->end(fail(self->found.error()));
            self->hash();
        });
}

void Verification::State::hash() {
    phase = Phase::hashing;
    const auto& info = torrent->info;
    verified.good = metainfo::Bitfield(info.layout.piece_count());
    verified.wrong = metainfo::Bitfield(info.layout.piece_count());
    verified.files = std::move(found->files);
    verified.place = std::move(found->place);
    const auto plan = plan_hashing(info.has_v1(), info.has_v2(), info.layout.piece_length(), jobs,
                                   hash::fastest_sha1().lanes());
    run = std::make_unique<HashRun>(
        pool, found->content, plan,
        HashRun::Handler{[this](metainfo::PieceRange pieces, BatchResult result) {
                             for (const auto& fault : result.faults) take_fault(fault);
                             for (std::uint32_t i = 0; i < result.pieces.size(); ++i)
                                 judge(metainfo::PieceIndex(pieces.first.value + i), result.pieces[i]);
                             return true;
                         },
                         [this] { finish(); }});
    run->start();
}

void Verification::State::judge(metainfo::PieceIndex piece, const PieceHashes& hashes) {
    if (!hashes.complete) return;
    const auto& info = torrent->info;
    const bool v1_good = !info.has_v1() || hashes.v1 == info.v1_piece_hash(piece);
    const bool v2_good = !info.has_v2() || hashes.v2 == torrent->v2_piece_hash(piece);
    if (v1_good && v2_good) {
        verified.good.set(piece);
    } else {
        verified.wrong.set(piece);
        if (v1_good != v2_good && info.hash.is_hybrid()) ++verified.contradictions;
    }
}

void Verification::State::take_fault(const FileFault& fault) {
    auto& file = verified.files[fault.file.value];
    if (file.state != FileState::good && file.state != FileState::too_long) return;
    file.state = FileState::unreadable;
    file.error = fault.error;
}

// Charges a piece that is not good to the files that it has bytes of.
void Verification::State::blame(metainfo::PieceIndex piece) {
    const auto& layout = torrent->info.layout;
    const bool wrong = verified.wrong.has(piece);
    for (const auto& slice : layout.slices(layout.piece_offset(piece), layout.piece_size(piece))) {
        if (slice.pad) continue;
        auto& file = verified.files[slice.file.value];
        ++file.pieces_wrong;
        if (!file.first_wrong) file.first_wrong = piece;
        if (wrong && (file.state == FileState::good || file.state == FileState::unproven))
            file.state = FileState::damaged;
        else if (file.state == FileState::good)
            file.state = FileState::unproven;
    }
}

void Verification::State::finish() {
    phase = Phase::closing;
    for (auto piece = verified.good.next_clear({}); piece; piece = verified.good.next_clear(piece->next()))
        blame(*piece);
    end(std::move(verified));
}

Verification::Verification(io::Files& files, io::WorkPool& pool,
                           std::shared_ptr<const metainfo::Metainfo> torrent, std::string path, unsigned jobs,
                           OnDone on_done)
    : state_(std::make_shared<State>(files, pool, std::move(torrent), std::move(path), jobs,
                                     std::move(on_done))) {
    state_->start();
}

Verification::~Verification() {
    state_->stop = true;
    state_->run.reset();
}

Progress Verification::progress() const {
    Progress progress{state_->phase, 0, 0};
    if (!state_->run) return progress;
    progress.bytes_total = state_->torrent->info.layout.end();
    progress.bytes_done = std::min(state_->run->bytes_done(), progress.bytes_total);
    return progress;
}

}  // namespace spate::creation
