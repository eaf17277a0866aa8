// How the network of a swarm's member is watched: every stream is the world's own, with a Conversation that
// listens on it.
#pragma once

#include <memory>

#include "sim/scenarios/swarm_conversation.h"
#include "sim/wrapped_network.h"

namespace spate::sim {

StreamWrapper watched(std::shared_ptr<MemberTruth> truth);

}  // namespace spate::sim
