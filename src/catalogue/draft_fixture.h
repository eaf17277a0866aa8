// For tests: a catalogue whose batches are always stored. Private to the module's tests.
#pragma once

#include <string>
#include <vector>

#include "catalogue/draft.h"
#include "hash/digest.h"

namespace spate::catalogue {

inline const Address alice = Address::v4(192, 0, 2, 1);
inline const Address bob = Address::v4(192, 0, 2, 2);

inline classic::CreateTracker create_of(std::string name, std::uint64_t size = 1000,
                                        std::uint16_t port = 6361) {
    return {std::move(name), size, "a picture", std::string(32, 'a'), true, "127.0.0.1", port};
}

// A single file whose content is that byte; the metainfo is any text, as nobody reads it here.
inline Publication publication_of(std::string name, char content, std::uint8_t key = 1,
                                  std::uint64_t sequence = 1) {
    Publication publication;
    publication.name = std::move(name);
    publication.md5 = std::string(32, content);
    publication.publisher[0] = key;
    publication.sequence = sequence;
    publication.metainfo = std::make_shared<const std::string>(std::string("metainfo of ") + content);
    publication.metainfo_digest = hash::sha256(as_bytes(*publication.metainfo));
    publication.hash.v1 = hash::sha1(as_bytes(*publication.metainfo));
    publication.size = 1000;
    return publication;
}

// A catalogue whose batches are always stored.
struct Tracker {
    Limits limits;
    Catalogue catalogue;
    WallTime now{1000};

    template <class Plan>
    Outcome change(Plan plan) {
        Draft draft(catalogue, limits, now);
        const Outcome outcome = plan(draft);
        catalogue.adopt(draft.take(), limits.removed_names);
        return outcome;
    }
    Answer create(const classic::CreateTracker& request, const Address& from = alice) {
        return change([&](Draft& draft) { return draft.create(request, from, Verification::unchecked); })
            .answer;
    }
    catalogue_protocol::PublishResult publish(const Publication& publication, const Address& from = alice) {
        return change([&](Draft& draft) { return draft.publish(publication, from); }).published;
    }
    catalogue_protocol::PublishResult remove(const std::string& name, std::uint64_t sequence,
                                             std::uint8_t key = 1) {
        Removal removal{name, {}, sequence};
        removal.publisher[0] = key;
        return change([&](Draft& draft) { return draft.remove(removal); }).published;
    }
    Answer update(const std::string& name, std::uint64_t start, std::uint64_t end,
                  std::uint16_t port = 6361) {
        return change([&](Draft& draft) { return draft.update({name, start, end, "127.0.0.1", port}); })
            .answer;
    }
    // "start-end" of each peer line.
    std::vector<std::string> ranges(std::string_view name) const {
        std::vector<std::string> all;
        for (const auto& peer : catalogue.find(name)->peers) {
            all.push_back(std::to_string(peer.start) + "-" + std::to_string(peer.end));
        }
        return all;
    }
};

}  // namespace spate::catalogue
