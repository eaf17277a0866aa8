// SPATE_ASSERT: a check of our own invariants, on in every build. A false condition is a bug of ours (never a
// peer's or the world's fault), so the process says where and aborts before it can do harm.
#pragma once

namespace spate {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
}  // namespace spate

#define SPATE_ASSERT(condition)                          \
    (static_cast<bool>(condition) ? static_cast<void>(0) \
                                  : ::spate::assertion_failed(#condition, __FILE__, __LINE__))
