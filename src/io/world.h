// World: the whole seam, as one thread's owner hands it down. Two implementations: io/linux and sim/.
#pragma once

#include "io/files.h"
#include "io/network.h"
#include "io/random.h"
#include "io/reactor.h"
#include "io/work_pool.h"

namespace spate::io {

struct World {
    Reactor& reactor;
    Network& network;
    Resolver& resolver;
    Files& files;
    WorkPool& pool;
    SecureRandom& random;
};

}  // namespace spate::io
