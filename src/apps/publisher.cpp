#include "apps/publisher.h"

#include <chrono>
#include <thread>

#include "apps/state_home.h"
#include "catalogue_client/publisher_key.h"
#include "io/linux/loop.h"

namespace spate::apps {

Result<hash::SigningKey> publisher_key() {
    io_linux::Loop loop(1);
    auto world = loop.world();
    auto state = world.files.open_folder(state_home(), io::IfMissing::make);
    if (!state) return fail(state.error());
    // Another of our programs may be making it, which takes a sync or two of the disk.
    using Clock = std::chrono::steady_clock;
    const auto patience_ends = Clock::now() + std::chrono::seconds(10);
    for (;;) {
        auto key = catalogue_client::load_or_make_key(**state, world.random);
        if (key || !key.error().is(std::errc::device_or_resource_busy) || Clock::now() >= patience_ends)
            return key;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

}  // namespace spate::apps
