#include "catalogue/metainfo_cache.h"

#include <utility>

namespace spate::catalogue {

struct MetainfoCache::Job {
    std::shared_ptr<Disk> disk;
    std::string name;
    hash::Sha256 digest{};
    Result<std::string> result;
};

MetainfoCache::MetainfoCache(io::Reactor& reactor, io::WorkPool& pool, std::size_t bytes_max,
                             std::shared_ptr<Disk> disk)
    : reactor_(reactor),
      pool_(pool),
      bytes_max_(bytes_max),
      disk_(std::move(disk)),
      self_(std::make_shared<MetainfoCache*>(this)) {}

void MetainfoCache::get(const std::string& name, const hash::Sha256& digest, OnMetainfo on_metainfo) {
    if (const auto known = by_digest_.find(digest); known != by_digest_.end()) {
        items_.splice(items_.begin(), items_, known->second);
        return reactor_.post([done = std::move(on_metainfo), bytes = known->second->bytes,
                              still_there = std::weak_ptr<MetainfoCache*>(self_)]() mutable {
            if (still_there.lock()) done(std::move(bytes));
        });
    }
    auto& waiting = waiting_[digest];
    waiting.push_back(std::move(on_metainfo));
    if (waiting.size() > 1) return;
    auto job = std::make_shared<Job>(disk_, name, digest);
    pool_.submit([job] { job->result = job->disk->metainfo(job->name, job->digest); },
                 [job, still_there = std::weak_ptr<MetainfoCache*>(self_)] {
                     if (const auto self = still_there.lock())
                         (*self)->on_read(job->digest, std::move(job->result));
                 });
}

void MetainfoCache::put(const hash::Sha256& digest, MetainfoBytes bytes) {
    if (by_digest_.contains(digest) || bytes->size() > bytes_max_) return;
    held_ += bytes->size();
    items_.push_front({digest, std::move(bytes)});
    by_digest_.emplace(digest, items_.begin());
    while (held_ > bytes_max_) {
        held_ -= items_.back().bytes->size();
        by_digest_.erase(items_.back().digest);
        items_.pop_back();
    }
}

void MetainfoCache::on_read(const hash::Sha256& digest, Result<std::string> read) {
    MetainfoBytes bytes;
    if (read) {
        bytes = std::make_shared<const std::string>(std::move(*read));
        put(digest, bytes);
    }
    const auto found = waiting_.find(digest);
    auto waiting = std::move(found->second);
    waiting_.erase(found);
    // One of them may destroy us.
    const std::weak_ptr<MetainfoCache*> still_there(self_);
    for (auto& done : waiting) {
        if (still_there.expired()) return;
        if (bytes != nullptr) {
            done(bytes);
        } else {
            done(fail(read.error()));
        }
    }
}

}  // namespace spate::catalogue
