// Any text as a magnet link: read or refused; what is read is written and read again the same.
#include <cstdlib>

#include "metainfo/magnet.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace spate;
    const auto magnet = metainfo::parse_magnet(as_text({data, size}));
    if (!magnet) return 0;
    const auto link = metainfo::write_magnet(*magnet);
    const auto again = metainfo::parse_magnet(link);
    if (link.size() > 64 << 10) return 0;  // escapes made it longer than links may be
    if (!again || again->hash != magnet->hash || again->name != magnet->name ||
        again->peers != magnet->peers || again->trackers != magnet->trackers ||
        again->select_only != magnet->select_only)
        std::abort();
    return 0;
}
