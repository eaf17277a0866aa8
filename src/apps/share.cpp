#include "apps/share.h"

#include <fmt/core.h>

#include "apps/command.h"
#include "apps/json_line.h"
#include "apps/name_check.h"
#include "apps/part_text.h"
#include "base/printable.h"

namespace spate::apps {

using catalogue_protocol::PublishResult;

namespace {

std::string told(PublishResult result) {
    switch (result) {
        case PublishResult::joined:
            return "one more seed of the entry that somebody published";
        case PublishResult::replaced:
            return "replaced your entry";
        case PublishResult::unchanged:
            return "shared again";
        default:
            return "published";
    }
}

}  // namespace

Share::Share(io_linux::Loop& loop, const ShareFlags& flags, std::string folder, std::string name,
             HashedContent content, hash::SigningKey key, TorrentTeller& teller)
    : flags_(flags),
      folder_(std::move(folder)),
      name_(std::move(name)),
      content_(std::move(content)),
      key_(std::move(key)),
      world_(loop.world()),
      teller_(teller),
      catalogue_(world_, flags.torrent.tracker_place()),
      run_(loop, flags.torrent.settings(SeedUntil::forever()), teller) {
    run_.on_complete = [this](engine::TorrentId) { publish(); };
}

int Share::go() {
    for (const auto& note : content_.notes) teller_.warn(note);
    if (auto port = run_.start(); !port) {
        teller_.error(printable(port.error().message(), 2000) +
                      "; --port names another port, without it one of 6881 to 6889 is taken");
        return exit_failed;
    }
    engine::AddTorrent torrent;
    torrent.what = content_.metainfo;
    torrent.folder = folder_;
    torrent.on_disk = engine::OnDisk::just_hashed;
    if (!flags_.part.empty()) torrent.part = *parse_part(flags_.part);
    if (!content_.md5.empty()) torrent.classic = classic_entry();
    if (flags_.super_seed) torrent.super_seed = engine::SuperSeed::on;
    torrent.peer_limits = flags_.torrent.peer_limits();
    torrent.read_only = true;
    run_.hold();  // until it is published
    torrent_ = run_.add(std::move(torrent));
    if (!torrent_) run_.give_up();
    return run_.run();
}

void Share::publish() {
    if (publishing_) return;
    catalogue_client::Publication publication;
    publication.name = name_;
    publication.metainfo = std::move(content_.torrent);
    publication.description = flags_.description;
    publication.md5 = content_.md5;
    publication.peer_port = port();
    publishing_ = catalogue_.publish(std::move(publication), key_, [this](Result<PublishResult> result) {
        on_published(std::move(result));
    });
}

void Share::on_published(Result<PublishResult> result) {
    if (!result) {
        teller_.error(
            printable(share_advice(std::move(result.error()), catalogue_.tracker()).message(), 2000));
        return run_.give_up();
    }
    const auto tracker = catalogue_.tracker().text();
    const auto name = printable(name_, 1000);
    teller_.say(fmt::format("{}: {} at {}; get it with: spate get {}/{}", name, told(*result), tracker,
                            tracker, name));
    teller_.tell({{"event", "published"},
                  {"name", json_text(name_)},
                  {"result", json_text(catalogue_protocol::word_of(*result))},
                  {"tracker", tracker},
                  {"port", port()}});
    if (!content_.md5.empty())
        listing_ = std::make_unique<ClassicListing>(world_, classic_entry(), port(), shared_range(), teller_);
    run_.release(true);
}

// The bytes of the pieces we give.
ByteRange Share::shared_range() const {
    const auto& layout = content_.metainfo.info.layout;
    const auto pieces = static_cast<std::uint64_t>(layout.piece_count());
    const auto part = flags_.part.empty() ? engine::Part{} : *parse_part(flags_.part);
    const auto edge = [&](std::uint32_t percent) {
        return std::min(layout.total_size(), (pieces * percent + 99) / 100 * layout.piece_length());
    };
    return {edge(part.from_percent), edge(part.to_percent)};
}

}  // namespace spate::apps
