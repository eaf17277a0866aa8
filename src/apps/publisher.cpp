#include "apps/publisher.h"

#include "apps/state_home.h"
#include "catalogue_client/publisher_key.h"
#include "io/linux/loop.h"

namespace spate::apps {

Result<hash::SigningKey> publisher_key() {
    io_linux::Loop loop(1);
    auto world = loop.world();
    auto state = world.files.open_folder(state_home(), io::IfMissing::make);
    if (!state) return fail(state.error());
    return catalogue_client::load_or_make_key(**state, world.random);
}

}  // namespace spate::apps
