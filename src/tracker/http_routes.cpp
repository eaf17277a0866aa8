#include "tracker/http_routes.h"

namespace spate::tracker {

namespace {

bool fits(std::string_view pattern, std::string_view path) {
    if (pattern.starts_with('*')) return path.ends_with(pattern.substr(1));
    return pattern.ends_with('/') ? path.starts_with(pattern) : path == pattern;
}

}  // namespace

HttpHandler* HttpRoutes::find(std::string_view path) const {
    for (const auto& row : rows_)
        if (fits(row.pattern, path)) return row.handler;
    return nullptr;
}

}  // namespace spate::tracker
