// MetainfoCache: the metainfo of published entries, from memory where it was asked for lately, else from the
// disk by a pool job; who asks for one that is being read waits for that job. Memory: at most
// Limits::cached_metainfo_bytes (the one asked for longest ago goes first), and what jobs under way read.
// Owner: StoredCatalogue. Thread: the reactor's.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalogue/disk.h"
#include "catalogue/publication.h"
#include "hash/digest.h"
#include "io/reactor.h"
#include "io/work_pool.h"

namespace spate::catalogue {

class MetainfoCache {
  public:
    using OnMetainfo = std::move_only_function<void(Result<MetainfoBytes>)>;

    MetainfoCache(io::Reactor& reactor, io::WorkPool& pool, std::size_t bytes_max,
                  std::shared_ptr<Disk> disk);

    // Calls back later; not after this is destroyed.
    void get(const std::string& name, const hash::Sha256& digest, OnMetainfo on_metainfo);
    void put(const hash::Sha256& digest, MetainfoBytes bytes);
    std::size_t held() const { return held_; }

  private:
    struct Item {
        hash::Sha256 digest{};
        MetainfoBytes bytes;
    };
    struct Job;
    void on_read(const hash::Sha256& digest, Result<std::string> read);

    io::Reactor& reactor_;
    io::WorkPool& pool_;
    std::size_t bytes_max_;
    std::shared_ptr<Disk> disk_;
    std::list<Item> items_;  // the one asked for last first
    std::map<hash::Sha256, std::list<Item>::iterator> by_digest_;
    std::size_t held_ = 0;
    std::map<hash::Sha256, std::vector<OnMetainfo>> waiting_;  // a job each
    std::shared_ptr<MetainfoCache*> self_;                     // completions look whether we are still there
};

}  // namespace spate::catalogue
