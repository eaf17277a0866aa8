// Complaints: how every command says on standard error what did not work: "spate share: image.iso: No such
// file or directory". An error whose operation is the command's own word does not repeat it. Text from
// outside is made printable. Thread: any.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace spate::apps {

// The reason, without the program in front: of "spate share" or "client".
std::string reason_text(std::string_view program, const Error& error);

// Both return exit_failed.
int complain(std::string_view program, const Error& error);
int complain(std::string_view program, std::string_view what);  // as it is

}  // namespace spate::apps
