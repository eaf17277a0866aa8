#include "classic_peer/file_finder.h"

#include <algorithm>

#include "base/printable.h"
#include "classic/classic_name.h"
#include "classic/tracker_reply.h"
#include "storage/file_name.h"

namespace spate::classic_peer {

Result<FoundFile> read_found_file(std::string_view text, const std::string& key) {
    auto parsed = classic::parse_tracker_file(text);
    if (!parsed) return fail(parsed.error());
    if (parsed->name != key)
        return fail(
            Error::invalid("read tracker file of", printable(key), "it is of " + printable(parsed->name)));
    FoundFile found;
    found.key = key;
    found.file = {storage::clean_file_name(key), parsed->size,
                  classic::is_md5_text(parsed->md5) ? parsed->md5 : std::string()};
    found.tracker_file = std::move(*parsed);
    found.text = text;
    return found;
}

std::vector<SourceClaim> claims_of(const classic::TrackerFile& file) {
    std::vector<SourceClaim> claims;
    claims.reserve(file.peers.size());
    for (const classic::TrackerPeer& peer : file.peers) {
        SourceClaim claim{{peer.host, peer.port}, {}, {}, peer.time};
        const ByteRange surely = classic::held_for_sure(peer, file.size);
        const ByteRange perhaps = classic::held_perhaps(peer, file.size);
        claim.surely.add(surely);
        claim.perhaps.add({surely.end, perhaps.end});
        claims.push_back(std::move(claim));
    }
    return claims;
}

FileFinder::FileFinder(io::World& world, HostPort tracker, Duration time_limit, Duration interval,
                       std::optional<std::string> wanted, Rng& rng, PeerEvents& events, OnFound on_found)
    : world_(world),
      client_(world, std::move(tracker), time_limit),
      interval_(interval),
      wanted_(std::move(wanted)),
      rng_(rng),
      events_(events),
      on_found_(std::move(on_found)),
      backoff_({std::min<Duration>(std::chrono::milliseconds(200), interval),
                std::max<Duration>(interval, std::chrono::seconds(5))}),
      timer_(world.reactor.make_timer([this] { ask(); })) {}

void FileFinder::find() {
    key_.clear();
    entry_.reset();
    question_.reset();
    due_ = world_.reactor.now();
    timer_->arm(due_);
}

void FileFinder::refetch(const std::string& key, Duration pause) {
    key_ = key;
    const TimePoint due = world_.reactor.now() + pause;
    if (question_ || due_ <= due) return;
    due_ = due;
    timer_->arm(due);
}

void FileFinder::stop() {
    question_.reset();
    timer_->disarm();
    due_ = never;
}

void FileFinder::ask() {
    due_ = never;
    if (!key_.empty()) return fetch_tracker_file();
    question_ = client_.list(
        [this](Result<std::vector<classic::ListEntry>> entries) { on_list(std::move(entries)); });
}

void FileFinder::try_again(const std::string& why) {
    if (why != last_warning_) events_.on_warning(printable(why) + "; it is tried again");
    last_warning_ = why;
    due_ = world_.reactor.now() + backoff_.next(rng_);
    timer_->arm(due_);
}

void FileFinder::on_list(Result<std::vector<classic::ListEntry>> entries) {
    question_.reset();
    if (!entries) return try_again(entries.error().message());
    const auto is_wanted = [this](const classic::ListEntry& entry) {
        return wanted_ ? entry.name == *wanted_ : classic::is_md5_text(entry.md5);
    };
    auto entry = std::ranges::find_if(*entries, is_wanted);
    if (!wanted_) {  // the original knew one file only; its name comes before any other
        const auto original =
            std::ranges::find(*entries, classic::bare_list_ready_reply, &classic::ListEntry::name);
        if (original != entries->end()) entry = original;
    }
    if (entry == entries->end() && !wanted_) entry = entries->begin();
    backoff_.reset();
    if (entry == entries->end()) {
        due_ = world_.reactor.now() + interval_;
        return timer_->arm(due_);
    }
    entry_ = *entry;
    key_ = entry->name;
    fetch_tracker_file();
}

void FileFinder::fetch_tracker_file() {
    question_ = client_.get(
        key_, [this](Result<ReceivedTrackerFile> received) { on_tracker_file(std::move(received)); });
}

Result<FoundFile> FileFinder::check(const ReceivedTrackerFile& received) const {
    auto found = read_found_file(received.text, key_);
    if (found && entry_ &&
        (found->tracker_file.size != entry_->size || found->tracker_file.md5 != entry_->md5))
        return fail(
            Error::invalid("read tracker file of", printable(key_), "the list says another size or MD5"));
    return found;
}

void FileFinder::on_tracker_file(Result<ReceivedTrackerFile> received) {
    question_.reset();
    Result<FoundFile> found = received ? check(*received) : Result<FoundFile>(fail(received.error()));
    if (!found) {
        if (std::exchange(entry_, std::nullopt)) key_.clear();  // not confirmed: the list again, too
        return try_again(found.error().message());
    }
    if (!received->checked)
        events_.on_warning("the tracker names no MD5 for its tracker file of " + printable(key_));
    backoff_.reset();
    last_warning_.clear();
    entry_.reset();
    on_found_(std::move(*found));
}

}  // namespace spate::classic_peer
