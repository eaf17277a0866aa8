#include "apps/json_line.h"

#include <cstdio>

namespace spate::apps {

std::string json_line(const boost::json::object& object) {
    return catalogue_protocol::write_json(object);
}

void print_json_line(const boost::json::object& object) {
    const auto text = json_line(object);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
}

}  // namespace spate::apps
