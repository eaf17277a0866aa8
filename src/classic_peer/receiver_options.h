// What a receiver is told, with the original system's values as defaults.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "classic_peer/chunk_server.h"
#include "classic_peer/download.h"
#include "classic_peer/source_link.h"

namespace spate::classic_peer {

struct ReceiverOptions {
    std::string label = "client_6";  // how it calls itself in the original's sentences
    HostPort tracker{"127.0.0.1", 3456};
    std::optional<std::string> file;  // nothing: the first of the tracker's list
    std::string folder = ".";
    bool replace = true;  // another file of the name that was asked for; false: that is an error
    Duration list_interval = std::chrono::seconds(2);     // between two questions for the list
    Duration refetch_interval = std::chrono::seconds(2);  // of the tracker file while parts are missing
    Duration tracker_time_limit = std::chrono::seconds(10);
    std::optional<Duration> timeout;  // for all of it, from start() to the file in its place
    bool seed = false;                // go on and serve the file once it is in its place
    ServingOptions serving;
    DownloadLimits download;
    SourceLinkLimits links;
};

}  // namespace spate::classic_peer
