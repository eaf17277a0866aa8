// ChunkSource: where the bytes of a shared file come from when a classic peer asks for them: a file of its
// own (ServedFile), or a torrent's pieces (engine). Thread: the reactor's.
#pragma once

#include <functional>
#include <string>

#include "base/range_set.h"
#include "base/result.h"

namespace spate::classic_peer {

class ChunkSource {
  public:
    virtual ~ChunkSource() = default;
    // Appends the bytes if they are in memory and may go out now.
    virtual bool copy(ByteRange range, std::string& out) = 0;
    // Makes copy() of the range's first part possible for a moment; then `done`, in a later turn. An error:
    // the file is not served any more.
    virtual void load(ByteRange range, std::move_only_function<void(Result<void>)> done) = 0;
};

}  // namespace spate::classic_peer
