#include "apps/get_flags.h"

#include <algorithm>

#include "apps/hash_watch.h"
#include "engine/shards.h"

namespace spate::apps {

std::string GetFlags::state_folder() const {
    std::string key = absolute_path(folder);
    for (const auto& source : sources) key += '\0' + source;
    return resume_folder(key);
}

unsigned GetFlags::shard_count() const {
    const auto wanted = shards == "auto" ? std::clamp(usable_cores() / 2, 1U, engine::Shards::shards_max)
                                         : static_cast<unsigned>(std::stoul(shards));
    return std::min(wanted, static_cast<unsigned>(sources.size()));
}

}  // namespace spate::apps
