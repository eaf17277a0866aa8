// Result<T>: a value or the Error that stood in its way; cannot be ignored.
#pragma once

#include <expected>
#include <utility>

#include "base/error.h"

namespace spate {

template <class T, class E = Error>
class [[nodiscard]] Result : public std::expected<T, E> {
  public:
    using std::expected<T, E>::expected;
};

// Makes the failing side of a Result: `return fail(Error::system(errno, "open", path));`
template <class E>
std::unexpected<E> fail(E error) {
    return std::unexpected<E>(std::move(error));
}

}  // namespace spate
