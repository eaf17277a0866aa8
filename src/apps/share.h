// Share: content that was just hashed, shared and published. Published once it is being shared, since the
// tracker asks for some of it; from then on its entry is kept listed (PublishedEntry), and it stays known to
// the classic protocol too. Files that changed between being hashed and being watched end it. Thread: the
// loop's. Owner: Shares.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "apps/classic_listing.h"
#include "apps/content_hash.h"
#include "apps/share_flags.h"
#include "catalogue_client/catalogue_client.h"
#include "catalogue_client/published_entry.h"

namespace spate::apps {

// What is to be shared, and what it is to be called.
struct HashedShare {
    HashedContent content;
    std::string folder;  // that the file or folder lies in
    std::string name;    // of the entry
    bool again = false;  // the same content is published under that name already, by us
};

class Share final : private catalogue_client::PublishedEntryEvents {
  public:
    // All but `what` outlive it.
    Share(io::World world, const ShareFlags& flags, HashedShare what, const hash::SigningKey& key,
          TorrentRun& run, TorrentTeller& teller);
    ~Share() override;

    // As a torrent of the run; nothing: refused, and told.
    std::optional<engine::TorrentId> begin();
    void on_complete();
    // It is not whole any more.
    void on_lost();
    // It is not shared any more; `done` when those who listed it know, or had their time.
    void end(io::Callback done);

  private:
    void compare();
    void publish();
    catalogue_client::Publication publication();
    void on_published(Result<catalogue_client::Published> published);
    void give_up();
    void on_nobody_listed() override;
    void on_published_again() override;
    void on_entry_trouble(const std::string& text, bool over) override;
    ByteRange shared_range() const;
    std::uint16_t port() { return run_.torrents().port_of(*torrent_); }
    engine::ClassicEntry classic_entry() const { return {catalogue_.tracker(), what_.name}; }

    const ShareFlags& flags_;
    const HashedShare what_;
    const hash::SigningKey& key_;
    io::World world_;
    TorrentRun& run_;
    TorrentTeller& teller_;
    catalogue_client::CatalogueClient catalogue_;
    std::optional<engine::TorrentId> torrent_;
    catalogue_client::CatalogueClient::Work publishing_;
    std::unique_ptr<catalogue_client::PublishedEntry> entry_;  // once it is published
    std::unique_ptr<ClassicListing> listing_;
    bool comparing_ = false;  // or it was compared
    std::shared_ptr<std::atomic<bool>> over_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace spate::apps
