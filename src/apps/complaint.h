// Complaints: how every command says on standard error what did not work: "spate share: image.iso: No such
// file or directory". An error whose operation is the command's own word does not repeat it. Text from
// outside is made printable. With --json machines are told on standard output, too: one object of one form,
// {"event":"failed","text":...}. Thread: any.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/error.h"

namespace spate::apps {

// The reason, without the program in front: of "spate share" or "client".
std::string reason_text(std::string_view program, const Error& error);

struct Complainer {
    std::string_view program;
    bool json = false;  // --json was given
};

// Both return exit_failed.
int complain(const Complainer& who, const Error& error);
int complain(const Complainer& who, std::string_view what);  // as it is
// On standard error alone: what is no failure.
void remark(std::string_view program, std::string_view what);

// The failure as machines are told.
boost::json::object failed_event(std::string_view what);

}  // namespace spate::apps
