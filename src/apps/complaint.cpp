#include "apps/complaint.h"

#include <fmt/core.h>

#include "apps/command.h"
#include "apps/json_line.h"
#include "base/printable.h"

namespace spate::apps {

std::string reason_text(std::string_view program, const Error& error) {
    Error shown = error;
    if (shown.operation == program.substr(program.rfind(' ') + 1)) shown.operation.clear();
    return printable(shown.message(), 2000);
}

int complain(const Complainer& who, const Error& error) {
    return complain(who, reason_text(who.program, error));
}

int complain(const Complainer& who, std::string_view what) {
    if (who.json) print_json_line(failed_event(what));
    remark(who.program, what);
    return exit_failed;
}

void remark(std::string_view program, std::string_view what) {
    fmt::print(stderr, "{}: {}\n", program, what);
}

boost::json::object failed_event(std::string_view what) {
    return {{"event", "failed"}, {"text", json_text(what)}};
}

}  // namespace spate::apps
