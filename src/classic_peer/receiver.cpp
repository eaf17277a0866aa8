#include "classic_peer/receiver.h"

#include <utility>

#include "base/hex.h"
#include "base/printable.h"
#include "storage/file_name.h"

namespace spate::classic_peer {

Receiver::Receiver(io::World& world, ReceiverOptions options, PeerEvents& events)
    : world_(world),
      options_(std::move(options)),
      events_(events),
      rng_(world.random.next_u64()),
      finder_(world, options_.tracker, options_.tracker_time_limit, options_.list_interval, options_.file,
              rng_, events, [this](FoundFile found) { on_found(std::move(found)); }),
      time_limit_(world.reactor.make_timer([this] { on_time_limit(); })),
      disk_(world.pool) {}

Receiver::~Receiver() = default;

void Receiver::start() {
    if (options_.timeout) time_limit_->arm(world_.reactor.now() + *options_.timeout);
    finder_.find();
    if (options_.file) read_cache();
}

void Receiver::later(std::function<void()> what) {
    world_.reactor.post([work = std::weak_ptr(generation_), what = std::move(what)] {
        if (!work.expired()) what();
    });
}

// The tracker may be away: what it said in an earlier run serves until it says more.
void Receiver::read_cache() {
    const std::string name = storage::clean_file_name(*options_.file);
    disk_.run<Result<std::string>>([&files = world_.files, folder = options_.folder,
                                    name] { return read_cached_tracker_file(files, folder, name); },
                                   [this](Result<std::string> text) {
                                       if (!text || work_ || finished_) return;
                                       if (auto found = read_found_file(*text, *options_.file))
                                           on_found(std::move(*found));
                                   });
}

void Receiver::on_found(FoundFile found) {
    if (finished_) return;
    finder_.refetch(found.key, options_.refetch_interval);
    if (!work_) return later([this, found = std::move(found)] { open(found); });
    if (found.file == work_->found.file) {
        work_->found = std::move(found);
        return update_claims();
    }
    events_.on_warning("the tracker names another size or MD5 for " + printable(found.key) +
                       " now: beginning again");
    later([this, found = std::move(found)] { open(found); });
}

void Receiver::open(FoundFile found) {
    generation_ = std::make_shared<int>(0);  // nothing of the old work comes later
    work_.reset();
    work_ = std::make_unique<Work>();
    work_->found = std::move(found);
    work_->part = std::make_unique<PartFile>(
        world_, options_.folder, work_->found.file,
        PartFile::Handlers{
            [this](const Error& error) { later([this, error] { finish(ReceiverOutcome::failed, error); }); },
            [this] {
                if (work_->fetching) work_->fetching->pump();
            }});
    work_->part->open([this](Result<RangeSet> have) { on_opened(std::move(have)); });
}

void Receiver::on_opened(Result<RangeSet> have) {
    if (!have) return later([this, error = have.error()] { finish(ReceiverOutcome::failed, error); });
    work_->part->run<PartStore::Target>([](PartStore& store) { return store.target(); },
                                        [this, have = std::move(*have)](Result<PartStore::Target> target) {
                                            on_target(std::move(target), have);
                                        });
}

void Receiver::on_target(Result<PartStore::Target> target, const RangeSet& have) {
    if (!target) return later([this, error = target.error()] { finish(ReceiverOutcome::failed, error); });
    if (*target == PartStore::Target::right) {
        return work_->part->run<bool>(
            [](PartStore& store) -> Result<bool> {
                store.remove_traces();
                return true;
            },
            [this](Result<bool>) { later([this] { finish(ReceiverOutcome::already_there, {}); }); });
    }
    if (*target == PartStore::Target::different && !(options_.file && options_.replace)) {
        const Error error =
            Error::invalid("receive", printable(work_->found.file.name),
                           options_.file ? "another file of that name is there"
                                         : "another file of that name is there; name it to have it replaced",
                           std::errc::file_exists);
        return later([this, error] { finish(ReceiverOutcome::failed, error); });
    }
    fetch(have);
}

void Receiver::fetch(const RangeSet& have) {
    const FileIdentity& file = work_->found.file;
    events_.on_file_found(file, have.total());
    work_->download = std::make_unique<Download>(file.size, have, options_.download);
    work_->links = std::make_unique<SourceLinks>(world_, work_->found.key, *work_->download, options_.links);
    work_->fetching = std::make_unique<Fetching>(
        world_, *work_->download, *work_->links, *work_->part, rng_, events_,
        Fetching::Handlers{[this] { later([this] { check(); }); },
                           [this] { finder_.refetch(work_->found.key, options_.refetch_interval / 4); }});
    update_claims();
}

void Receiver::update_claims() {
    if (!work_->download) return;
    const auto text = std::make_shared<std::string>(work_->found.text);
    disk_.run<Result<void>>([&files = world_.files, folder = options_.folder, name = work_->found.file.name,
                             text] { return cache_tracker_file(files, folder, name, *text); },
                            [](Result<void>) {});  // without it the next start only asks the tracker
    work_->download->set_claims(claims_of(work_->found.tracker_file));
    work_->links->update_claims();
    if (work_->arbitrating)
        work_->arbitrating->claims_changed();
    else
        work_->fetching->pump();
}

void Receiver::check() {
    events_.on_checking(work_->found.file.size);
    if (work_->found.file.md5.empty()) {
        events_.on_warning("the tracker has no usable MD5 of " + printable(work_->found.key) +
                           ": its bytes could not be checked");
        return place(storage::with_suffix(work_->found.file.name, ".unverified"),
                     ReceiverOutcome::unverified);
    }
    work_->part->run<hash::Md5>([](PartStore& store) { return store.md5(); },
                                [this](Result<hash::Md5> md5) { on_checked(std::move(md5)); });
}

void Receiver::on_checked(Result<hash::Md5> md5) {
    if (!md5) return later([this, error = md5.error()] { finish(ReceiverOutcome::failed, error); });
    if (to_hex(*md5) == work_->found.file.md5)
        return place(work_->found.file.name, ReceiverOutcome::received);
    later([this] { arbitrate(); });
}

void Receiver::arbitrate() {
    events_.on_warning("the MD5 of " + printable(work_->found.key) +
                       " is wrong: looking for the wrong bytes with the help of other peers");
    Arbitrating::Handlers handlers;
    handlers.on_resolved = [this](const std::vector<SourceId>& wrong) {
        later([this, wrong] { on_resolved(wrong); });
    };
    handlers.on_stuck = [this] { finder_.refetch(work_->found.key, options_.refetch_interval); };
    handlers.on_error = [this](const Error& error) {
        later([this, error] { finish(ReceiverOutcome::failed, error); });
    };
    work_->arbitrating = std::make_unique<Arbitrating>(
        world_, work_->found.file, *work_->download, *work_->links, *work_->part, rng_, std::move(handlers));
}

void Receiver::on_resolved(const std::vector<SourceId>& wrong) {
    for (const SourceId source : wrong) {
        work_->download->ban(source);
        events_.on_peer_shown_wrong(work_->download->peer(source));
    }
    check();
}

void Receiver::place(std::string name, ReceiverOutcome outcome) {
    finder_.stop();
    time_limit_->disarm();  // all that is left is a rename
    // After the last write of the cached tracker file, which place() removes.
    disk_.run<Result<void>>([]() -> Result<void> { return {}; },
                            [this, name = std::move(name), outcome](Result<void>) mutable {
                                work_->part->run<bool>(
                                    [name = std::move(name)](PartStore& store) -> Result<bool> {
                                        if (auto placed = store.place(name); !placed)
                                            return fail(placed.error());
                                        return true;
                                    },
                                    [this, outcome](Result<bool> placed) {
                                        later([this, outcome, placed] {
                                            if (!placed)
                                                return finish(ReceiverOutcome::failed, placed.error());
                                            finish(outcome, {});
                                        });
                                    });
                            });
}

void Receiver::on_time_limit() {
    const bool wrong = work_ && work_->arbitrating;
    const Error error =
        Error::invalid("receive", options_.file.value_or("a file"), "not done in time", std::errc::timed_out);
    if (!work_) return finish(ReceiverOutcome::timed_out, error);
    finder_.stop();
    work_->part->save([this, wrong, error] {
        later([this, wrong, error] {
            finish(wrong ? ReceiverOutcome::wrong_md5 : ReceiverOutcome::timed_out, error);
        });
    });
}

void Receiver::finish(ReceiverOutcome outcome, Error error) {
    if (std::exchange(finished_, true)) return;
    time_limit_->disarm();
    finder_.stop();
    const bool right = outcome == ReceiverOutcome::received || outcome == ReceiverOutcome::already_there;
    if (right) events_.on_sentence("I am " + options_.label + ", and I received the file correctly!");
    if (right && options_.seed) begin_to_seed();
    work_.reset();
    events_.on_receiver_finished(outcome, error);
}

void Receiver::begin_to_seed() {
    key_ = work_->found.key;
    seeding_ = std::make_unique<ServedFile>(world_, options_.folder, work_->found.file.name);
    seeding_->open([this, md5 = work_->found.file.md5](Result<ServedFile::Opened> opened) {
        if (!opened || to_hex(opened->md5) != md5)
            return events_.on_warning(opened ? "the file changed before it was shared"
                                             : opened.error().message());
        server_ =
            std::make_unique<ChunkServer>(world_, options_.serving, key_, *seeding_, opened->size, events_,
                                          ChunkServer::Handlers{[this](const Error& error) {
                                                                    events_.on_warning(error.message());
                                                                    announcer_->stop();
                                                                },
                                                                [] {}});
        const auto local = server_->listen();
        if (!local) return events_.on_warning(local.error().message());
        const ByteRange whole{0, opened->size};
        server_->announce(whole);
        announcer_ = std::make_unique<Announcer>(
            world_, options_.tracker, options_.tracker_time_limit, options_.serving.reannounce_interval,
            Announced{key_, options_.serving.advertise, local->port, opened->size}, rng_, events_,
            [this] { events_.on_warning("the tracker does not know the file any more"); });
        announcer_->announce(whole);
    });
}

void Receiver::stop(io::Callback stopped) {
    finished_ = true;
    finder_.stop();
    time_limit_->disarm();
    if (announcer_) return announcer_->withdraw(std::move(stopped));  // it seeds: nothing is to be saved
    if (!work_) return world_.reactor.post(std::move(stopped));
    work_->part->save(std::move(stopped));
}

}  // namespace spate::classic_peer
