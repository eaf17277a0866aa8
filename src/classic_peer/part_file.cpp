#include "classic_peer/part_file.h"

namespace spate::classic_peer {

PartFile::PartFile(io::World& world, std::string folder, FileIdentity file, Handlers handlers)
    : world_(world),
      folder_(std::move(folder)),
      file_(std::move(file)),
      handlers_(std::move(handlers)),
      checkpoint_timer_(world.reactor.make_timer([this] { submit_checkpoint(); })),
      jobs_(world.pool) {}

PartFile::~PartFile() {
    if (store_) store_->cancel();
}

void PartFile::open(std::move_only_function<void(Result<RangeSet>)> done) {
    using Opened = Result<std::unique_ptr<PartStore>>;
    jobs_.run<Opened>([&files = world_.files, folder = folder_,
                       file = file_] { return PartStore::open(files, folder, file); },
                      [this, done = std::move(done)](Opened opened) mutable {
                          if (!opened) return done(fail(opened.error()));
                          store_ = std::move(*opened);
                          written_ = store_->recovered();
                          done(written_);
                      });
}

void PartFile::write(std::uint64_t at, std::string_view data) {
    unwritten_ += data.size();
    if (!gathered_.empty() && gathered_.back().at + gathered_.back().data.size() == at)
        gathered_.back().data += data;
    else
        gathered_.push_back({at, std::string(data)});
    if (!writing_) submit_writes();
}

void PartFile::submit_writes() {
    if (gathered_.empty() || failed_) return;
    writing_ = true;
    const auto writes = std::make_shared<std::vector<Write>>(std::exchange(gathered_, {}));
    jobs_.run<Result<void>>(
        [store = store_, writes]() -> Result<void> {
            for (const Write& write : *writes)
                if (auto done = store->write(write.at, as_bytes(write.data)); !done) return done;
            return {};
        },
        [this, writes](Result<void> done) {
            writing_ = false;
            if (!done) return take_error(done.error());
            for (const Write& write : *writes) {
                written_.add({write.at, write.at + write.data.size()});
                unwritten_ -= write.data.size();
            }
            unsaved_ = true;
            submit_writes();
            if (!checkpoint_timer_->armed())
                checkpoint_timer_->arm(world_.reactor.now() + checkpoint_interval);
            handlers_.on_written();
        });
}

void PartFile::submit_checkpoint() {
    if (!unsaved_ || failed_) return;
    unsaved_ = false;
    jobs_.run<Result<void>>([store = store_, have = written_] { return store->checkpoint(have); },
                            [this](Result<void> done) {
                                if (!done) take_error(done.error());
                            });
}

void PartFile::save(std::move_only_function<void()> done) {
    if (!store_) return world_.reactor.post(std::move(done));
    submit_writes();
    run<bool>([](PartStore&) -> Result<bool> { return true; },
              [this, done = std::move(done)](Result<bool>) mutable {
                  submit_checkpoint();
                  run<bool>([](PartStore&) -> Result<bool> { return true; },
                            [done = std::move(done)](Result<bool>) mutable { done(); });
              });
}

void PartFile::take_error(const Error& error) {
    if (failed_) return;
    failed_ = true;
    handlers_.on_error(error);
}

}  // namespace spate::classic_peer
