// Outcome: what became of a request to change the catalogue.
#pragma once

#include <cstdint>
#include <string>

#include "catalogue_protocol/publish_reply.h"
#include "classic/tracker_reply.h"

namespace spate::catalogue {

// The classic words: done; "file error" (create: it exists, update: it does not); anything else.
using Answer = classic::Outcome;

struct Outcome {
    Answer answer = Answer::fail;
    std::string reason;  // for the log, and for whoever publishes; empty with succ
    // Of a publication or a removal; the disk's failures look as every other's.
    catalogue_protocol::PublishResult published = catalogue_protocol::PublishResult::failed;
    std::uint64_t last_sequence = 0;  // with old_sequence
};

}  // namespace spate::catalogue
