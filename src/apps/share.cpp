#include "apps/share.h"

#include <algorithm>
#include <cctype>
#include <fmt/core.h>
#include <utility>

#include "apps/json_line.h"
#include "apps/name_check.h"
#include "apps/part_text.h"
#include "base/printable.h"

namespace spate::apps {

using catalogue_protocol::PublishResult;

namespace {

// part: "" for all of it. again: we had published the same before.
std::string told(PublishResult result, const std::string& part, bool again) {
    switch (result) {
        case PublishResult::joined:
            return part.empty() ? "one more seed of the entry that somebody published"
                                : "one more that has " + part + " of the entry that somebody published";
        case PublishResult::replaced:
            return again ? "shared again, and its entry brought up to date" : "replaced your entry";
        case PublishResult::unchanged:
            return "shared again";
        default:
            return "published";
    }
}

// As a shell takes it.
std::string shell_word(const std::string& word) {
    const auto is_plain = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0 ||
               std::string_view("._-/:@%+=,").find(c) != std::string_view::npos;
    };
    if (std::ranges::all_of(word, is_plain)) return word;
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

}  // namespace

Share::Share(io::World world, const ShareFlags& flags, HashedShare what, const hash::SigningKey& key,
             TorrentRun& run, TorrentTeller& teller)
    : flags_(flags),
      what_(std::move(what)),
      key_(key),
      world_(world),
      run_(run),
      teller_(teller),
      catalogue_(world_, flags.torrent.tracker_place()) {}

Share::~Share() {
    *over_ = true;
}

std::optional<engine::TorrentId> Share::begin() {
    for (const auto& note : what_.content.notes) teller_.warn(note);
    engine::AddTorrent torrent;
    torrent.what = what_.content.metainfo;
    torrent.folder = what_.folder;
    torrent.on_disk = engine::OnDisk::just_hashed;
    if (!flags_.part.empty()) torrent.part = *parse_part(flags_.part);
    if (!what_.content.md5.empty()) torrent.classic = classic_entry();
    if (flags_.super_seed) torrent.super_seed = engine::SuperSeed::on;
    torrent.peer_limits = flags_.torrent.peer_limits();
    torrent.read_only = true;
    torrent_ = run_.add(std::move(torrent));
    if (torrent_) run_.hold(*torrent_);  // until it is published
    return torrent_;
}

void Share::on_lost() {
    if (listing_) listing_->withdraw([] {});
}

void Share::end(io::Callback done) {
    *over_ = true;
    entry_.reset();
    listing_ ? listing_->withdraw(std::move(done)) : done();
}

// The others go on.
void Share::give_up() {
    run_.leave(*torrent_);
    run_.release(*torrent_, false);
}

void Share::on_complete() {
    if (listing_) return listing_->announce();  // it is whole again
    if (!std::exchange(comparing_, true)) compare();
}

// From now on the session watches the files; whether they are what was hashed is known only here.
void Share::compare() {
    const auto same = std::make_shared<Result<void>>();
    world_.pool.submit(
        [&files = world_.files, path = what_.folder + "/" + what_.content.metainfo.info.name,
         found = what_.content.found, same, over = over_] {
            auto named = creation::open_named(files, path);
            *same = named ? creation::check_unchanged(*named->folder, found, *over)
                          : fail(std::move(named.error()));
        },
        [this, same, over = over_] {
            if (*over) return;
            if (*same) return publish();
            teller_.error(same->error());
            give_up();
        });
}

catalogue_client::Publication Share::publication() {
    catalogue_client::Publication publication;
    publication.name = what_.name;
    publication.metainfo = what_.content.torrent;
    publication.description = flags_.description;
    publication.md5 = what_.content.md5;
    publication.peer_port = port();
    return publication;
}

void Share::publish() {
    publishing_ = catalogue_.publish(publication(), key_, [this](Result<catalogue_client::Published> result) {
        on_published(std::move(result));
    });
}

void Share::on_published(Result<catalogue_client::Published> published) {
    if (!published) {
        teller_.error(share_advice(std::move(published.error()), catalogue_.tracker()));
        return give_up();
    }
    const auto result = published->result;
    entry_ = std::make_unique<catalogue_client::PublishedEntry>(
        world_, catalogue_, publication(), what_.content.metainfo.info.hash, key_, *published,
        static_cast<catalogue_client::PublishedEntryEvents&>(*this));
    const auto tracker = catalogue_.tracker().text();
    const auto name = printable(what_.name, 1000);
    teller_.say(fmt::format("{}: {} at {}; get it with: spate get {}", name,
                            told(result, flags_.part, what_.again), tracker,
                            shell_word(tracker + "/" + name)));
    teller_.tell({{"event", "published"},
                  {"name", json_text(what_.name)},
                  {"result", json_text(catalogue_protocol::word_of(result))},
                  {"tracker", tracker},
                  {"port", port()}});
    if (!what_.content.md5.empty())
        listing_ = std::make_unique<ClassicListing>(world_, classic_entry(), port(), shared_range(),
                                                    what_.content.metainfo.info.layout.total_size(), teller_);
    run_.release(*torrent_, true);
}

void Share::on_nobody_listed() {
    run_.torrents().announce_now(*torrent_);
}

void Share::on_published_again() {
    teller_.say(printable(what_.name, 1000) + ": the tracker did not have it any more; published again");
    teller_.tell({{"event", "published"},
                  {"name", json_text(what_.name)},
                  {"result", "again"},
                  {"tracker", catalogue_.tracker().text()},
                  {"port", port()}});
    if (listing_) listing_->announce();
}

void Share::on_entry_trouble(const std::string& text, bool) {
    teller_.warn(text);
}

// The bytes of the pieces we give.
ByteRange Share::shared_range() const {
    const auto& layout = what_.content.metainfo.info.layout;
    const auto part = flags_.part.empty() ? engine::Part{} : *parse_part(flags_.part);
    const auto pieces = part.of(layout.piece_count());
    const auto edge = [&](metainfo::PieceIndex piece) {
        return std::min(layout.total_size(), std::uint64_t{piece.value} * layout.piece_length());
    };
    return {edge(pieces.first), edge(pieces.end)};
}

}  // namespace spate::apps
