#include "catalogue_client/published_entry.h"

#include <algorithm>
#include <utility>

#include "base/printable.h"

namespace spate::catalogue_client {

using catalogue_protocol::ListedEntry;
using catalogue_protocol::PublishResult;

namespace {

// A hybrid torrent and its v1 or v2 half are one content.
bool is_same(const metainfo::InfoHash& a, const metainfo::InfoHash& b) {
    return (a.v1 && a.v1 == b.v1) || (a.v2 && a.v2 == b.v2);
}

}  // namespace

PublishedEntry::PublishedEntry(io::World& world, CatalogueClient& catalogue, Publication publication,
                               const metainfo::InfoHash& hash, const hash::SigningKey& key,
                               const Published& published, PublishedEntryEvents& events)
    : catalogue_(catalogue),
      publication_(std::move(publication)),
      hash_(hash),
      key_(key),
      is_ours_(published.result != PublishResult::joined),
      events_(events),
      reactor_(world.reactor),
      rng_(world.random.next_u64()),
      timer_(world.reactor.make_timer([this] { look(); })) {
    publication_.after = published.sequence;
    look_later();
}

void PublishedEntry::look_later() {
    const auto tenth = pause_ / 10;
    const auto drawn =
        Duration(static_cast<Duration::rep>(rng_.below(static_cast<std::uint64_t>((2 * tenth).count()) + 1)));
    timer_->arm(reactor_.now() + pause_ - tenth + drawn);
}

void PublishedEntry::look() {
    asked_ =
        catalogue_.look(publication_.name, [this](const Result<ListedEntry>& entry) { on_looked(entry); });
}

void PublishedEntry::on_looked(const Result<ListedEntry>& entry) {
    const bool is_missing =
        entry ? !entry->is_published() : entry.error().is(std::errc::no_such_file_or_directory);
    if (is_missing) return on_missing();
    if (entry && !is_same(entry->hash, hash_))
        return end(there() +
                   " is another content by now; this one is still shared with those who have its torrent");
    const bool is_well = entry && entry->seeds + entry->leechers > 0;
    if (entry) told_missing_ = false;
    pause_ = is_well ? pause_min : std::min(2 * pause_, pause_max);
    look_later();
    if (entry && !is_well) events_.on_nobody_listed();
}

void PublishedEntry::on_missing() {
    pause_ = std::min(2 * pause_, pause_max);
    if (is_ours_) {
        asked_ = catalogue_.publish(publication_, key_,
                                    [this](const Result<Published>& published) { on_published(published); });
        return;
    }
    look_later();
    if (std::exchange(told_missing_, true)) return;
    events_.on_entry_trouble(
        there() +
            " is not listed any more: it was removed, or the tracker lost it; it is still shared with "
            "those who have its torrent, and sharing it anew lists it again",
        false);
}

void PublishedEntry::on_published(const Result<Published>& published) {
    if (published) {
        publication_.after = published->sequence;
        look_later();
        events_.on_published_again();
        return events_.on_nobody_listed();
    }
    if (published.error().is(superseded))
        return end(there() +
                   " was removed; it is still shared with those who have its torrent, and sharing "
                   "it anew lists it again");
    look_later();
    if (std::exchange(told_missing_, true)) return;
    events_.on_entry_trouble(there() + " is not listed any more, and cannot be listed again: " +
                                 printable(published.error().message(), 1000),
                             false);
}

void PublishedEntry::end(const std::string& why) {
    events_.on_entry_trouble(why, true);
}

std::string PublishedEntry::there() const {
    return printable(catalogue_.tracker().text() + "/" + publication_.name, 1000);
}

}  // namespace spate::catalogue_client
