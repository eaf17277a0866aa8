// Outcome: what became of a request to change the catalogue.
#pragma once

#include <string>

#include "classic/tracker_reply.h"

namespace spate::catalogue {

// The classic words: done; "file error" (create: it exists, update: it does not); anything else.
using Answer = classic::Outcome;

struct Outcome {
    Answer answer = Answer::fail;
    std::string reason;  // for the log; empty with succ
};

}  // namespace spate::catalogue
