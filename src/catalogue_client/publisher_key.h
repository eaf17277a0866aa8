// The publisher's key: what proves to a tracker that an entry is ours. Made at the first use; a file of the
// user's state folder that nobody else may read (0600). Whoever has it can replace and remove our entries;
// without it nobody can, we neither. Blocking (see io::Folder): program start or a pool job.
#pragma once

#include <string_view>

#include "base/result.h"
#include "hash/signature.h"
#include "io/files.h"
#include "io/random.h"

namespace spate::catalogue_client {

inline constexpr std::string_view key_file_name = "publisher.key";

// Errors: a file of that name that holds no key (it is left as it is).
Result<hash::SigningKey> load_or_make_key(io::Folder& state, io::SecureRandom& random);

}  // namespace spate::catalogue_client
