// Share: content that was just hashed, shared and published. Published once it is being shared, since the
// tracker asks for some of it; from then on it stays known to the classic protocol too. Files that changed
// between being hashed and being watched end it. Thread: the loop's. Owner: the share command.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "apps/classic_listing.h"
#include "apps/content_hash.h"
#include "apps/share_flags.h"
#include "catalogue_client/catalogue_client.h"

namespace spate::apps {

class Share {
  public:
    // folder: that the file or folder lies in. name: of the entry.
    Share(io_linux::Loop& loop, const ShareFlags& flags, std::string folder, std::string name,
          HashedContent content, hash::SigningKey key, TorrentTeller& teller);

    ~Share();

    // Until it has been shared for long enough; the exit code.
    int go();

  private:
    void on_complete();
    void compare();
    void publish();
    void on_published(Result<catalogue_protocol::PublishResult> result);
    ByteRange shared_range() const;
    std::uint16_t port() { return run_.torrents().port_of(*torrent_); }
    engine::ClassicEntry classic_entry() const { return {catalogue_.tracker(), name_}; }

    const ShareFlags& flags_;
    const std::string folder_;
    const std::string name_;
    HashedContent content_;
    const hash::SigningKey key_;
    io::World world_;
    TorrentTeller& teller_;
    catalogue_client::CatalogueClient catalogue_;
    TorrentRun run_;
    std::optional<engine::TorrentId> torrent_;
    catalogue_client::CatalogueClient::Work publishing_;
    std::unique_ptr<ClassicListing> listing_;
    bool comparing_ = false;  // or it was compared
    std::shared_ptr<std::atomic<bool>> over_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace spate::apps
