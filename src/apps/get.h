// Get: all that one call of `spate get` downloads: each source is found out (SourceFinder), then fetched as a
// torrent or from classic peers, and made what BEP 47 says of it. Thread: the loop's. Owner: the get command.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "apps/classic_get.h"
#include "apps/classic_listing.h"
#include "apps/get_flags.h"
#include "apps/source_finder.h"

namespace spate::apps {

class Get {
  public:
    Get(io_linux::Loop& loop, const GetFlags& flags, TorrentTeller& teller);

    // Until all is there, or it is over otherwise; the exit code.
    int go();
    // resume_key() of downloads that are over, and of those that a file is in the way of: it must not pass
    // for ours the next time.
    std::vector<std::string> keys_to_forget() const;

  private:
    TorrentRun::Settings settings() const;
    void find(const std::string& text);
    void refuse(const Error& error);
    void on_found(const std::string& text, Result<FoundSource> found);
    void add_our_tracker(FoundSource& found) const;
    void tell_asked();
    void add(const std::string& text, FoundSource found);
    bool is_new(const std::string& key, const std::string& source);
    std::function<bool(const metainfo::File&)> wants() const;
    void tell_found(const metainfo::Metainfo& torrent);
    void get_classic(const ClassicOnly& what);
    void set_attributes(engine::TorrentId id);
    void list_classic(engine::TorrentId id);
    void stop_classic(io::Callback done);

    const GetFlags& flags_;
    const std::string folder_;
    io::World world_;
    TorrentTeller& teller_;
    TorrentRun run_;
    std::vector<std::unique_ptr<SourceFinder>> finders_;  // one a source, to the end
    std::multiset<HostPort> asked_;                       // trackers that have not answered yet
    std::unique_ptr<io::Timer> ask_timer_;                // then it is said that they are waited for
    std::vector<std::unique_ptr<ClassicGet>> classic_;
    std::map<engine::TorrentId, engine::ClassicEntry> classic_names_;
    std::map<engine::TorrentId, std::string> keys_;  // resume_key() of each
    std::set<std::string> taken_;                    // keys of torrents, names of classic entries
    std::map<engine::TorrentId, std::unique_ptr<ClassicListing>> listings_;
};

}  // namespace spate::apps
