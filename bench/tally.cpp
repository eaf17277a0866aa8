// Counts allocations and copies. Linked with --wrap of memcpy, memmove and what _FORTIFY_SOURCE makes of
// them, so that every call in our own objects comes here first; what libstdc++.so copies inside does not.
#include "bench/tally.h"

#include <cstdlib>
#include <new>
#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT
#endif

namespace spate {
Tally* Charge::current = nullptr;

void Charge::charge(Tally* to) {
    if ((to == nullptr) != (current == nullptr)) CALLGRIND_TOGGLE_COLLECT;
    current = to;
}

namespace {
void count_copy(std::size_t size) {
    if (Charge::current != nullptr && size > Tally::small_copy) Charge::current->copied += size;
}
void count_allocation() {
    if (Charge::current != nullptr) ++Charge::current->allocations;
}
}  // namespace
}  // namespace spate

extern "C" {
void* __real_memcpy(void* to, const void* from, std::size_t size);
void* __real_memmove(void* to, const void* from, std::size_t size);
void* __real___memcpy_chk(void* to, const void* from, std::size_t size, std::size_t room);
void* __real___memmove_chk(void* to, const void* from, std::size_t size, std::size_t room);
void* __wrap_memcpy(void* to, const void* from, std::size_t size) {
    spate::count_copy(size);
    return __real_memcpy(to, from, size);
}
void* __wrap_memmove(void* to, const void* from, std::size_t size) {
    spate::count_copy(size);
    return __real_memmove(to, from, size);
}
void* __wrap___memcpy_chk(void* to, const void* from, std::size_t size, std::size_t room) {
    spate::count_copy(size);
    return __real___memcpy_chk(to, from, size, room);
}
void* __wrap___memmove_chk(void* to, const void* from, std::size_t size, std::size_t room) {
    spate::count_copy(size);
    return __real___memmove_chk(to, from, size, room);
}
}

void* operator new(std::size_t size) {
    spate::count_allocation();
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    spate::count_allocation();
    const auto unit = static_cast<std::size_t>(alignment);
    if (void* memory = std::aligned_alloc(unit, (size + unit - 1) / unit * unit)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}
