// TrackerProgram: a tracker as a running program: state, sockets, signals, and lines about what happens.
// `spate tracker` and `server` are two ways to fill its settings.
#pragma once

#include <string>

#include "catalogue/limits.h"
#include "tracker/options.h"

namespace spate::apps {

// How what happens is told on standard output.
enum class Telling { plain, json, quiet };

struct TrackerSettings {
    std::string program;  // before what does not work: "spate tracker"
    std::string other_place = "choose another address with --listen";  // what a person may do
    tracker::Options options;
    catalogue::Limits limits;
    std::string state_folder;
    bool keeps_swarms = true;  // over a restart, in the state folder
    Telling telling = Telling::plain;
    std::string greeting;  // first line of plain telling, before where it listens
};

// Runs until SIGINT or SIGTERM. Returns the exit code; errors are on standard error.
int run_tracker(const TrackerSettings& settings);

}  // namespace spate::apps
