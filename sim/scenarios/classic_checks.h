// What must hold on a receiver's disk, at every moment and after every power cut. They look at the disk
// itself, behind the programs' back. Nothing: all is well.
#pragma once

#include <optional>
#include <string>

#include "classic_peer/resume_state.h"
#include "sim/host.h"

namespace spate::sim {

// A file under its own name has the right bytes.
std::optional<std::string> wrong_file_in_place(Host& host, const std::string& folder, const std::string& name,
                                               const std::string& right);

// What the resume state of an unfinished file claims is there and right, as programs see it and as it would
// be after a power cut now. Only for runs in which no wrong byte comes from the network.
std::optional<std::string> false_resume_claim(Host& host, const std::string& folder,
                                              const classic_peer::FileIdentity& file,
                                              const std::string& right);

}  // namespace spate::sim
