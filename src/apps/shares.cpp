#include "apps/shares.h"

#include <utility>

#include "apps/command.h"

namespace spate::apps {
namespace {

TorrentRun::Settings settings(const ShareFlags& flags) {
    auto settings = flags.torrent.settings(SeedUntil::forever());
    settings.when_changed = "what changed is not given any more; --replace shares it as it is now";
    return settings;
}

}  // namespace

Shares::Shares(io_linux::Loop& loop, const ShareFlags& flags, hash::SigningKey key, TorrentTeller& teller)
    : flags_(flags),
      key_(std::move(key)),
      world_(loop.world()),
      teller_(teller),
      run_(loop, settings(flags), teller) {
    run_.on_complete = [this](engine::TorrentId id) { shares_.at(id)->on_complete(); };
    run_.on_lost = [this](engine::TorrentId id) { shares_.at(id)->on_lost(); };
    run_.on_left = [this](engine::TorrentId id) { shares_.at(id)->end([] {}); };
    run_.before_stop = [this](io::Callback done) { end_all(std::move(done)); };
}

int Shares::go(std::vector<HashedShare> all, bool all_good) {
    if (auto port = run_.start(); !port) {
        teller_.error(port.error());
        return exit_failed;
    }
    run_.hold();
    for (auto& what : all) {
        auto share = std::make_unique<Share>(world_, flags_, std::move(what), key_, run_, teller_);
        if (const auto id = share->begin()) shares_[*id] = std::move(share);
    }
    run_.release(all_good);
    return run_.run();
}

void Shares::end_all(io::Callback done) {
    const auto left = std::make_shared<std::size_t>(shares_.size() + 1);
    const auto one_done = [left, shared = std::make_shared<io::Callback>(std::move(done))] {
        if (--*left == 0) (*shared)();
    };
    for (const auto& [id, share] : shares_) share->end(one_done);
    one_done();
}

}  // namespace spate::apps
