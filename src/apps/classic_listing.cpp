#include "apps/classic_listing.h"

namespace spate::apps {

namespace {
constexpr Duration time_limit = std::chrono::seconds(10);
constexpr Duration interval = std::chrono::seconds(300);
}  // namespace

ClassicListing::ClassicListing(io::World& world, const engine::ClassicEntry& entry, std::uint16_t port,
                               ByteRange range, std::uint64_t size, TorrentTeller& teller)
    : teller_(teller),
      range_(range),
      rng_(world.random.next_u64()),
      announcer_(world, entry.tracker, time_limit, interval, {entry.name, std::nullopt, port, size}, rng_,
                 *this, [] {}) {
    announce();
}

void ClassicListing::on_warning(const std::string& text) {
    teller_.warn(text);
}

}  // namespace spate::apps
