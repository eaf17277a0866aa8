// SourceLinks: the links of one download, made when first needed, and the phase that works with them
// (fetching, then perhaps arbitration): what comes goes to the one `sink` of now. Owner: Receiver. Thread:
// the reactor's.
#pragma once

#include <map>
#include <memory>

#include "classic_peer/download.h"
#include "classic_peer/source_link.h"

namespace spate::classic_peer {

class SourceLinks final : private SourceLinkOwner {
  public:
    // `key`: the file's name as the tracker and the peers know it.
    SourceLinks(io::World& world, std::string key, Download& download, SourceLinkLimits limits)
        : world_(world), key_(std::move(key)), download_(download), limits_(limits) {}

    void set_sink(SourceLinkOwner& sink) { sink_ = &sink; }
    void fetch(const Fetch& fetch);
    // After download's claims changed.
    void update_claims();
    // Without callbacks; all of every source.
    void give_up_all();

  private:
    void on_fetched(FetchId fetch, ByteRange range, std::string_view data) override {
        sink_->on_fetched(fetch, range, data);
    }
    void on_refused(SourceId source, FetchId fetch) override { sink_->on_refused(source, fetch); }
    void on_source_failed(SourceId source, const std::vector<FetchId>& fetches, std::string reason) override {
        sink_->on_source_failed(source, fetches, std::move(reason));
    }
    void on_capacity(SourceId source, SourceCapacity capacity) override {
        sink_->on_capacity(source, capacity);
    }

    io::World& world_;
    std::string key_;
    Download& download_;
    SourceLinkLimits limits_;
    SourceLinkOwner* sink_ = nullptr;
    std::map<SourceId, std::unique_ptr<SourceLink>> links_;
};

}  // namespace spate::classic_peer
