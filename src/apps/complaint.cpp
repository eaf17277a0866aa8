#include "apps/complaint.h"

#include <fmt/core.h>

#include "apps/command.h"
#include "base/printable.h"

namespace spate::apps {

std::string reason_text(std::string_view program, const Error& error) {
    Error shown = error;
    if (shown.operation == program.substr(program.rfind(' ') + 1)) shown.operation.clear();
    return printable(shown.message(), 2000);
}

int complain(std::string_view program, const Error& error) {
    return complain(program, reason_text(program, error));
}

int complain(std::string_view program, std::string_view what) {
    fmt::print(stderr, "{}: {}\n", program, what);
    return exit_failed;
}

}  // namespace spate::apps
