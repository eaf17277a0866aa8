// What is remembered of downloads that are over: taken out of their folder's resume state, and a state that
// remembers nothing else is removed. Should another program come to the folder in the same moment, all it
// may lose is not having to hash again. Blocking: the program's end, when its Session is gone.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "io/files.h"

namespace spate::apps {

// Whether another process is at work with it just now.
bool is_in_use(io::Files& files, const std::string& state_folder);

// keys: piece_store::resume_key() of each.
Result<void> forget_downloads(const std::string& state_folder, const std::vector<std::string>& keys);

}  // namespace spate::apps
