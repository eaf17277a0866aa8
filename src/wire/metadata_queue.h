// MetadataQueue: one peer's requests for our info dictionary (BEP 9), answered when its output has room.
// Caps: metadata_queue_max waiting; the whole served at most metadata_serves_max times. What is beyond is
// rejected. Pure; one a connection that asks, one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <variant>

#include "base/bytes.h"
#include "wire/extension_messages.h"

namespace spate::wire {

class MetadataQueue {
  public:
    // False: reject it at once.
    bool push(const MetadataRequest& request);

    // The oldest request's answer, to be written now; nothing when none waits. info: the raw info dictionary,
    // empty while we have none. The bytes view it.
    std::optional<std::variant<MetadataData, MetadataReject>> next(Bytes info);
    bool empty() const { return waiting_.empty(); }

  private:
    std::deque<std::uint32_t> waiting_;
    std::uint64_t served_ = 0;  // bytes
};

}  // namespace spate::wire
