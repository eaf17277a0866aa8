#include "base/error.h"

#include <cerrno>
#include <utility>

namespace spate {

Error Error::system(int errno_value, std::string operation, std::string object) {
    // What the system says of it ("Too many levels") is not what it means here: none is followed.
    std::string detail = errno_value == ELOOP ? "it is a symbolic link, which is not followed" : "";
    return {std::error_code(errno_value, std::generic_category()), std::move(operation), std::move(object),
            std::move(detail)};
}

Error Error::invalid(std::string operation, std::string object, std::string detail, std::errc kind) {
    return {std::make_error_code(kind), std::move(operation), std::move(object), std::move(detail)};
}

std::string Error::message() const {
    std::string text = operation;
    if (!object.empty()) text += (text.empty() ? "" : " ") + object;
    if (!text.empty()) text += ": ";
    return text + (detail.empty() ? code.message() : detail);
}

}  // namespace spate
