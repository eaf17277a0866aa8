// This user's key for publishing, in the state folder; made when it is first asked for. Blocking: the
// program's start.
#pragma once

#include "base/result.h"
#include "hash/signature.h"

namespace spate::apps {

Result<hash::SigningKey> publisher_key();

}  // namespace spate::apps
