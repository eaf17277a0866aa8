// The rules of published entries: the part of Draft behind docs/protocols/catalogue.md.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/hex.h"
#include "catalogue/draft.h"
#include "catalogue_protocol/entry_name.h"
#include "classic/classic_name.h"
#include "classic/fields.h"

namespace spate::catalogue {

using catalogue_protocol::PublishResult;

namespace {

// Microseconds. Sequences are their publisher's clock; nobody may raise what others must be above by more.
constexpr std::uint64_t sequence_lead_max = 86'400'000'000;

Outcome done(PublishResult result) {
    return {Answer::succ, {}, result};
}

Outcome refuse(PublishResult result, std::string reason) {
    return {Answer::fail, std::move(reason), result};
}

bool same_content(const metainfo::InfoHash& a, const metainfo::InfoHash& b) {
    return (a.v1 && a.v1 == b.v1) || (a.v2 && a.v2 == b.v2);
}

Outcome refuse_sequence(std::uint64_t last) {
    return {Answer::fail,
            "the sequence must be above " + std::to_string(last) +
                ": an old request, or the publisher's clock was set back",
            PublishResult::old_sequence, last};
}

std::string short_name(const hash::PublicKey& key) {
    return to_hex(Bytes(key).first(4));
}

}  // namespace

Outcome Draft::publish(const Publication& publication, const Address& from) {
    if (auto refusal = form_refusal(publication)) return std::move(*refusal);
    const auto* known = find(publication.name);
    const auto* published = known == nullptr ? nullptr : known->published.get();
    if (published != nullptr && published->publisher != publication.publisher) {
        if (same_content(published->hash, publication.hash)) return done(PublishResult::joined);
        return refuse(PublishResult::name_taken,
                      "the name " + publication.name + " is another content's, published by " +
                          short_name(published->publisher) + "; publish under another name");
    }
    const auto last = last_sequence(publication.name, publication.publisher, known);
    if (auto refusal = sequence_refusal(publication.sequence, last)) return std::move(*refusal);
    if (auto refusal = metainfo_refusal(publication, from, known)) return std::move(*refusal);
    if (published != nullptr) return publish_again(publication, from, *known);
    if (known != nullptr) return publish_over_classic(publication, from, *known);
    if (auto full = room_refusal(from)) return refuse(PublishResult::full, std::move(full->reason));
    publish_new(publication, from);
    return done(PublishResult::created);
}

std::optional<Outcome> Draft::form_refusal(const Publication& publication) const {
    if (const auto fault = classic::name_fault(publication.name)) {
        return refuse(PublishResult::bad_request, "the name: " + std::string(*fault));
    }
    if (const auto fault = catalogue_protocol::entry_name_fault(publication.name)) {
        return refuse(PublishResult::bad_request, "the name: " + std::string(*fault));
    }
    if (publication.size > INT64_MAX) return refuse(PublishResult::bad_request, "the size is too large");
    const auto description =
        publication.description ? std::string_view(*publication.description) : std::string_view();
    if (description.size() > limits_.description_bytes || classic::has_control_byte(description)) {
        return refuse(PublishResult::bad_request, "the description is too long or not one line");
    }
    return std::nullopt;
}

std::optional<std::uint64_t> Draft::last_sequence(std::string_view name, const hash::PublicKey& publisher,
                                                  const Entry* known) const {
    if (known != nullptr && known->published != nullptr) return known->published->sequence;
    auto last = catalogue_.removed().sequence(name, publisher);
    for (const auto& removed : removed_)
        if (removed.name == name && removed.publisher == publisher) last = removed.sequence;
    return last;
}

std::optional<Outcome> Draft::sequence_refusal(std::uint64_t sequence,
                                               std::optional<std::uint64_t> last) const {
    if (last && sequence <= *last) return refuse_sequence(*last);
    const auto now = static_cast<std::uint64_t>(std::max<std::int64_t>(0, now_.unix_seconds)) * 1'000'000;
    if (sequence <= now + sequence_lead_max || (last && sequence == *last + 1)) return std::nullopt;
    const auto from = std::max(now, last.value_or(0));
    return Outcome{Answer::fail,
                   "the sequence is more than a day ahead of the tracker's clock; it must be just above " +
                       std::to_string(from),
                   PublishResult::old_sequence, from};
}

std::optional<Outcome> Draft::metainfo_refusal(const Publication& publication, const Address& from,
                                               const Entry* known) const {
    const auto bytes = static_cast<std::int64_t>(publication.metainfo->size());
    if (std::cmp_greater(bytes, limits_.metainfo_bytes_per_entry)) {
        return refuse(PublishResult::too_large,
                      "the metainfo has " + std::to_string(bytes) + " bytes; at most " +
                          std::to_string(limits_.metainfo_bytes_per_entry) + " are taken");
    }
    std::int64_t freed = 0, freed_of_source = 0;
    if (known != nullptr && known->published != nullptr) {
        freed = static_cast<std::int64_t>(known->published->metainfo_bytes);
        if (source_of(known->published->from) == source_of(from)) freed_of_source = freed;
    }
    const auto all = static_cast<std::int64_t>(catalogue_.metainfo_bytes()) + growth_.metainfo_bytes;
    if (std::cmp_greater(all - freed + bytes, limits_.metainfo_bytes)) {
        return refuse(PublishResult::full, "the catalogue has no room for more metainfo");
    }
    const auto of_source = static_cast<std::int64_t>(catalogue_.metainfo_bytes_of(source_of(from))) +
                           planned_for(from).metainfo_bytes;
    if (std::cmp_greater(of_source - freed_of_source + bytes, limits_.metainfo_bytes_per_source)) {
        return refuse(PublishResult::full, "too much metainfo from this address");
    }
    return std::nullopt;
}

void Draft::publish_new(const Publication& publication, const Address& from) {
    auto entry = std::make_shared<Entry>();
    entry->name = publication.name;
    entry->size = publication.size;
    entry->description = publication.description.value_or("");
    entry->md5 = publication.md5;
    entry->checksum_usable = !publication.md5.empty();
    entry->owner = from;
    entry->created = now_;
    auto& added = *entry;
    add(std::move(entry));
    set_published(added, publication, from, false);
}

Outcome Draft::publish_over_classic(const Publication& publication, const Address& from, const Entry& known) {
    if (known.size != publication.size || known.md5 != publication.md5) {
        return refuse(PublishResult::name_taken,
                      "the name " + publication.name +
                          " is a classic entry's of another size or MD5; publish under another name");
    }
    set_published(touch(known.name), publication, from, true);
    return done(PublishResult::created);
}

Outcome Draft::publish_again(const Publication& publication, const Address& from, const Entry& known) {
    const auto before = *known.published;
    const bool same_file = known.size == publication.size && known.md5 == publication.md5;
    if (before.over_classic && !same_file) {
        return refuse(PublishResult::name_taken,
                      "the name " + publication.name +
                          " is also a classic entry's of another size or MD5; publish under another name");
    }
    auto& entry = touch(known.name);
    const auto description = publication.description.value_or(known.description);
    const bool same = before.metainfo_digest == publication.metainfo_digest && same_file &&
                      known.description == description;
    if (same) {
        auto after = before;
        after.sequence = publication.sequence;
        entry.published = std::make_shared<const Published>(after);
        return done(PublishResult::unchanged);
    }
    if (!same_file) {  // the lines of its peers are about other bytes
        new_peers_ -= static_cast<std::int64_t>(entry.peers.size());
        entry.peers.clear();
    }
    if (!same_content(before.hash, publication.hash)) entry.verification = Verification::unchecked;
    if (!before.over_classic) {
        entry.size = publication.size;
        entry.md5 = publication.md5;
        entry.checksum_usable = !publication.md5.empty();
    }
    entry.description = description;
    grow(before.from, 0, -static_cast<std::int64_t>(before.metainfo_bytes));
    set_published(entry, publication, from, before.over_classic);
    return done(PublishResult::replaced);
}

void Draft::set_published(Entry& entry, const Publication& publication, const Address& from,
                          bool over_classic) {
    Published published;
    published.hash = publication.hash;
    published.publisher = publication.publisher;
    published.sequence = publication.sequence;
    published.metainfo_digest = publication.metainfo_digest;
    published.metainfo_bytes = publication.metainfo->size();
    published.files = publication.files;
    published.from = from;
    published.over_classic = over_classic;
    published.published = now_;
    grow(from, 0, static_cast<std::int64_t>(published.metainfo_bytes));
    entry.published = std::make_shared<const Published>(published);
    row(entry.name).metainfo = publication.metainfo;
}

Outcome Draft::remove(const Removal& removal) {
    const auto* known = find(removal.name);
    if (known == nullptr || known->published == nullptr) {
        return refuse(PublishResult::not_found, "nothing is published under this name");
    }
    if (known->published->publisher != removal.publisher) {
        return refuse(PublishResult::other_publisher, "it was published by " +
                                                          short_name(known->published->publisher) +
                                                          "; only the key that published it can remove it");
    }
    if (auto refusal = sequence_refusal(removal.sequence, known->published->sequence)) return *refusal;
    unpublish(*known, removal.sequence);
    return done(PublishResult::removed);
}

Outcome Draft::judge(std::string_view name, const hash::Sha256& metainfo_digest, Judgement judgement) {
    const auto* known = find(name);
    if (known == nullptr || known->published == nullptr ||
        known->published->metainfo_digest != metainfo_digest) {
        return refuse(PublishResult::not_found, "it is gone, or another by now");
    }
    if (known->verification == Verification::verified) return done(PublishResult::unchanged);
    if (judgement == Judgement::refused) {
        unpublish(*known, known->published->sequence);
        return done(PublishResult::removed);
    }
    touch(name).verification =
        judgement == Judgement::verified ? Verification::verified : Verification::unverified;
    return done(PublishResult::replaced);
}

void Draft::unpublish(const Entry& entry, std::uint64_t sequence) {
    const auto published = *entry.published;
    removed_.push_back({entry.name, published.publisher, sequence});
    grow(published.from, 0, -static_cast<std::int64_t>(published.metainfo_bytes));
    if (!published.over_classic) return drop(entry);
    auto& touched = row(entry.name);
    touched.metainfo = nullptr;
    touched.after->published = nullptr;
    touched.after->verification = Verification::unchecked;
}

}  // namespace spate::catalogue
