#include "piece_store/piece_store.h"

#include <utility>

#include "base/assert.h"
#include "piece_store/piece_store_impl.h"

namespace spate::piece_store {

using metainfo::Bitfield;
using metainfo::FileIndex;
using metainfo::PieceIndex;

PieceStore::PieceStore(io::World& world, Resources& resources, StoreEvents& events, StoreOptions options)
    : impl_(std::make_shared<Impl>(world, resources, events, std::move(options))) {}

PieceStore::~PieceStore() {
    impl_->detach();
}

void PieceStore::open(std::move_only_function<void(Result<Opened>)> done) {
    impl_->open(std::move(done));
}

void PieceStore::check(Done done) {
    impl_->check(std::move(done));
}

bool PieceStore::checking() const {
    return impl_->content_check() != nullptr;
}

bool PieceStore::has_doubts() const {
    return impl_->doubts().any();
}

const Error* PieceStore::unread() const {
    return impl_->doubts().unread();
}

std::uint64_t PieceStore::bytes_to_check() const {
    return impl_->content_check() ? impl_->content_check()->bytes_total() : 0;
}

std::uint64_t PieceStore::bytes_checked() const {
    return impl_->content_check() ? impl_->content_check()->bytes_done() : 0;
}

const Bitfield& PieceStore::have() const {
    return impl_->have();
}

PieceStore::Taken PieceStore::write(Source source, PieceIndex piece, std::uint32_t offset, Bytes bytes) {
    if (impl_->have().has(piece)) return Taken::dropped;
    return static_cast<Taken>(impl_->intake().write(source, piece, offset, bytes));
}

void PieceStore::verify(PieceIndex piece) {
    impl_->intake().verify(piece);
}

void PieceStore::discard(PieceIndex piece) {
    impl_->intake().discard(piece);
}

void PieceStore::forget(Source source) {
    impl_->intake().forget(source);
}

void PieceStore::hurry() {
    impl_->resources().hashes().hurry();
}

std::optional<BlockView> PieceStore::cached(PieceIndex piece, std::uint32_t offset, std::uint32_t length) {
    if (!impl_->have().has(piece)) return std::nullopt;
    return impl_->reader().cached(piece, offset, length);
}

void PieceStore::read(PieceIndex piece, std::uint32_t offset, std::uint32_t length,
                      std::move_only_function<void(Result<BlockView>)> done) {
    SPATE_ASSERT(length > 0 && offset + std::uint64_t{length} <= impl_->layout().piece_size(piece));
    if (impl_->have().has(piece)) return impl_->reader().read(piece, offset, length, std::move(done));
    impl_->reactor().post([owner = std::weak_ptr(impl_), done = std::move(done)]() mutable {
        if (owner.lock()) done(fail(Error::invalid("read", "piece", "it is not there any more")));
    });
}

void PieceStore::expect(PieceIndex piece, std::uint32_t offset) {
    impl_->reader().expect(piece, offset);
}

void PieceStore::select(std::vector<bool> wanted, Done done) {
    impl_->select(std::move(wanted), std::move(done));
}

void PieceStore::move_to(std::string folder, Say say, Done done) {
    impl_->where().move_to(std::move(folder), std::move(say), std::move(done));
}

bool PieceStore::moving() const {
    return impl_->where().moving();
}

void PieceStore::rename_file(FileIndex file, std::string path, Done done) {
    impl_->where().rename_file(file, std::move(path), std::move(done));
}

void PieceStore::remove_files(Done done) {
    impl_->remove_files(std::move(done));
}

bool PieceStore::unsynced() const {
    return impl_->unsynced();
}

void PieceStore::sync(Closing closing, std::move_only_function<void(Result<StoredState>)> done) {
    impl_->sync(closing, std::move(done));
}

void PieceStore::hurry_sync() {
    impl_->hurry_sync();
}

std::optional<StoredState> PieceStore::take_baseline() {
    return impl_->take_baseline();
}

void PieceStore::saved() {
    impl_->saved();
}

void PieceStore::set_on_unsaved(std::move_only_function<void()> on_unsaved) {
    impl_->set_on_unsaved(std::move(on_unsaved));
}

bool PieceStore::waits_for_state() const {
    return impl_->waits_for_state();
}

const metainfo::FileLayout& PieceStore::layout() const {
    return impl_->layout();
}

std::string PieceStore::path_of(FileIndex file) const {
    return impl_->where().path_of(file);
}

bool PieceStore::retry() {
    return impl_->retry();
}

void PieceStore::not_saved(const Error& error) {
    impl_->not_saved(error);
}

const std::string& PieceStore::folder() const {
    return impl_->where().folder();
}

}  // namespace spate::piece_store
