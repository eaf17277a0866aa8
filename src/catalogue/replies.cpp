#include "catalogue/replies.h"

#include <charconv>
#include <utility>

#include "base/hex.h"
#include "catalogue/peer_rules.h"
#include "classic/tracker_file.h"
#include "classic/tracker_reply.h"
#include "hash/digest.h"

namespace spate::catalogue {

namespace {

void append_number(std::string& text, std::uint64_t number) {
    char digits[20];
    text.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

// The same bytes as classic::write_list_reply (a test compares), straight from the entries: at 100,000 of
// them the copies that it wants are most of the time.
std::string write_list(const Catalogue& catalogue, std::size_t bytes_expected) {
    std::string text;
    text.reserve(bytes_expected);
    text += "<REP LIST ";
    append_number(text, catalogue.classic_count());
    text += ">\n";
    std::uint64_t number = 0;
    for (const auto& [name, entry] : catalogue.entries()) {
        if (!entry->is_classic()) continue;
        text += '<';
        append_number(text, ++number);
        text += ' ';
        text += name;
        text += ' ';
        append_number(text, entry->size);
        text += ' ';
        text += entry->md5;
        text += ">\n";
    }
    return text += "<REP LIST END>\n";
}

}  // namespace

std::string tracker_file_text(const Entry& entry, WallTime now, std::chrono::seconds peer_timeout) {
    classic::TrackerFile file;
    file.name = entry.name;
    file.size = entry.size;
    file.description = entry.description;
    file.md5 = entry.md5;
    for (const auto& peer : entry.peers) {
        if (is_dead(peer, now, peer_timeout)) continue;
        file.peers.push_back({peer.host, peer.port, peer.start, peer.end, peer.updated});
    }
    return classic::write_tracker_file(file);
}

Reply Replies::list() {
    if (list_ == nullptr) {
        auto text = write_list(catalogue_, list_bytes_);
        list_bytes_ = text.size() + text.size() / 64;  // the next one is a little longer
        list_ = std::make_shared<const std::string>(std::move(text));
    }
    return list_;
}

Reply Replies::get(std::string_view name, WallTime now) {
    const auto known = ready_.find(name);
    if (known != ready_.end()) {
        const auto& ready = known->second;
        // A clock that was set back may have brought a peer back to life.
        if (now >= ready.made_at && (!ready.good_until || now < *ready.good_until)) return ready.reply;
        ready_bytes_ -= ready.reply->size();
        ready_.erase(known);
    }
    const auto* entry = catalogue_.find(name);
    if (entry == nullptr || !entry->is_classic()) return nullptr;
    const auto file = tracker_file_text(*entry, now, limits_.peer_timeout);
    const auto reply = std::make_shared<const std::string>(
        classic::write_get_reply(file, to_hex(hash::md5(as_bytes(file)))));
    if (reply->size() > limits_.cached_reply_bytes) return reply;
    if (ready_bytes_ + reply->size() > limits_.cached_reply_bytes) {
        ready_.clear();
        ready_bytes_ = 0;
    }
    ready_bytes_ += reply->size();
    ready_.emplace(name, Ready{reply, now, next_death(*entry, now, limits_.peer_timeout)});
    return reply;
}

void Replies::forget(const Changes& changes) {
    if (changes.changes_list()) list_ = nullptr;
    for (const auto& change : changes.entries) {
        const auto known = ready_.find(change.name());
        if (known == ready_.end()) continue;
        ready_bytes_ -= known->second.reply->size();
        ready_.erase(known);
    }
}

void Replies::forget_all() {
    list_ = nullptr;
    ready_.clear();
    ready_bytes_ = 0;
}

}  // namespace spate::catalogue
