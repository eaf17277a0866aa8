// Shares: all that one call of `spate share` shares, each of it a Share; one that fails does not keep the
// others from going on. Thread: the loop's. Owner: the share command.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "apps/share.h"

namespace spate::apps {

class Shares {
  public:
    Shares(io_linux::Loop& loop, const ShareFlags& flags, hash::SigningKey key, TorrentTeller& teller);

    // Until each has been shared for long enough; the exit code. all_good: none was refused before.
    int go(std::vector<HashedShare> all, bool all_good);

  private:
    void end_all(io::Callback done);

    const ShareFlags& flags_;
    const hash::SigningKey key_;
    io::World world_;
    TorrentTeller& teller_;
    TorrentRun run_;
    std::map<engine::TorrentId, std::unique_ptr<Share>> shares_;
};

}  // namespace spate::apps
