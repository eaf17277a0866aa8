#include "apps/entry_finder.h"

#include <algorithm>

#include "apps/torrent_file.h"

namespace spate::apps {

using catalogue_protocol::ListedEntry;

std::vector<std::string> announce_urls(const HostPort& tracker) {
    return {"http://" + tracker.text() + "/announce", "udp://" + tracker.text() + "/announce"};
}

std::vector<std::string> missing_urls(const HostPort& tracker,
                                      const std::vector<std::vector<std::string>>& tiers) {
    auto urls = announce_urls(tracker);
    std::erase_if(urls, [&](const std::string& url) {
        return std::ranges::any_of(
            tiers, [&](const auto& tier) { return std::ranges::find(tier, url) != tier.end(); });
    });
    return urls;
}

namespace {

constexpr Duration time_limit = std::chrono::seconds(30);

Error unknown_name(const EntrySource& source) {
    const auto tracker = source.tracker.text();
    return Error::invalid("get", source.name,
                          "the tracker " + tracker + " has nothing of that name; 'spate list --tracker " +
                              tracker + "' shows what it has",
                          std::errc::no_such_file_or_directory);
}

// What to do about it, for people.
Error advised(Error error, const EntrySource& source) {
    if (error.is(std::errc::no_such_file_or_directory)) return unknown_name(source);
    if (error.is(std::errc::address_not_available)) return error;  // it is ours: --bind
    error.detail = (error.detail.empty() ? error.code.message() : error.detail) +
                   " (is the tracker running there? --tracker HOST[:PORT] or SPATE_TRACKER names another)";
    return error;
}

}  // namespace

EntryFinder::EntryFinder(io::World& world, EntrySource source, Done done)
    : source_(std::move(source)),
      done_(std::move(done)),
      catalogue_(world, source_.tracker),
      classic_(std::make_unique<ClassicFallback>(
          world, source_.tracker, time_limit,
          [this](const Result<ClassicFallback::Entries>& entries) { on_classic_list(entries); })) {
    catalogue_.time_limit = time_limit;
    asked_ =
        catalogue_.look(source_.name, [this](Result<ListedEntry> entry) { on_looked(std::move(entry)); });
}

void EntryFinder::on_looked(Result<ListedEntry> entry) {
    if (!entry) {
        if (entry.error().is(std::errc::no_such_file_or_directory))
            return finish(fail(unknown_name(source_)));
        if (!classic_) return finish(fail(advised(std::move(entry.error()), source_)));
        refusal_ = std::move(entry.error());
        return classic_->begin();
    }
    classic_.reset();
    if (entry->name != source_.name)
        return finish(fail(Error::invalid("get", source_.name, "the tracker answers for another name",
                                          std::errc::bad_message)));
    if (!entry->is_published())
        return finish(FoundSource{ClassicOnly{{source_.tracker, source_.name}, entry->size}});
    asked_ = catalogue_.fetch(source_.name, [this, listed = *entry](Result<std::string> torrent) {
        on_fetched(listed, std::move(torrent));
    });
}

void EntryFinder::on_fetched(const ListedEntry& listed, Result<std::string> torrent) {
    if (!torrent) return finish(fail(advised(std::move(torrent.error()), source_)));
    auto metainfo = read_torrent_of(source_.name, as_bytes(*torrent));
    if (!metainfo) return finish(fail(std::move(metainfo.error())));
    if (metainfo->info.hash != listed.hash)
        return finish(fail(Error::invalid(
            "get", source_.name, "the tracker lists another info-hash than its torrent has; try again",
            std::errc::bad_message)));
    if (metainfo->info.name.starts_with('.') && metainfo->info.name != source_.name)
        return finish(fail(Error::invalid(
            "get", source_.name,
            "its torrent calls itself '" + metainfo->info.name + "', a hidden file that nobody asked for")));
    auto trackers = missing_urls(source_.tracker, metainfo->trackers);
    std::optional<engine::ClassicEntry> classic;
    if (!listed.md5.empty() && listed.files == 1) classic = {source_.tracker, source_.name};
    finish(FoundSource{std::move(*metainfo), std::move(trackers), std::move(classic)});
}

void EntryFinder::on_classic_list(const Result<ClassicFallback::Entries>& entries) {
    if (!entries) {  // what the catalogue says counts, as soon as it says it
        classic_.reset();
        if (refusal_) finish(fail(advised(std::move(*refusal_), source_)));
        return;
    }
    const auto entry = std::ranges::find(*entries, source_.name, &classic::ListEntry::name);
    if (entry == entries->end()) return finish(fail(unknown_name(source_)));
    finish(FoundSource{ClassicOnly{{source_.tracker, source_.name}, entry->size}});
}

void EntryFinder::finish(Result<FoundSource> found) {
    auto done = std::move(done_);  // it may destroy this
    asked_ = {};                   // whoever has not answered yet is not heard any more
    classic_.reset();
    done(std::move(found));
}

}  // namespace spate::apps
