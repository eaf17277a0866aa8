#include "io/linux/mapped_view.h"

#include <array>
#include <atomic>
#include <csignal>
#include <optional>
#include <sys/mman.h>
#include <unistd.h>

namespace spate::io_linux {
namespace {

// What the handler may touch: lock-free atomics alone. A signal handler has no argument of ours, so the table
// is the process's own.
struct Slot {
    std::atomic<bool> taken = false;
    std::atomic<bool> broken = false;
    std::atomic<std::uintptr_t> start = 0;  // of the mapping; 0: none
    std::atomic<std::uintptr_t> end = 0;
    std::atomic<std::uint64_t> mappings_gone = 0;  // tells one mapping's start and end from the next one's
};
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free);

std::array<Slot, MappedView::views_max> slots;
std::atomic<std::size_t> next_slot = 0;
struct sigaction earlier_action;

std::uintptr_t page_bytes() {
    static const auto bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    return bytes;
}

// Zero pages from `from` to the mapping's end. mmap() is a plain system call: safe in a handler.
bool give_zeros(std::uintptr_t from, std::uintptr_t end) {
    void* const at = reinterpret_cast<void*>(from);  // NOLINT(performance-no-int-to-ptr)
    return ::mmap(at, end - from, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at;
}

void on_bus_error(int, siginfo_t* info, void*) {
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    for (Slot& slot : slots) {
        const auto gone = slot.mappings_gone.load();
        const auto start = slot.start.load();
        const auto end = slot.end.load();
        // A slot that changes hands meanwhile is another thread's: this thread's view is held by its reader.
        if (slot.mappings_gone.load() != gone) continue;
        if (start == 0 || address < start || address >= end) continue;
        slot.broken = true;
        if (give_zeros(address - address % page_bytes(), end)) return;
        break;
    }
    ::sigaction(SIGBUS, &earlier_action, nullptr);  // not ours: the faulting instruction runs into it again
    if (info->si_code <= 0) ::raise(SIGBUS);        // nor a fault: somebody sent it
}

bool watch_bus_errors() {
    page_bytes();  // the handler finds it made
    struct sigaction action{};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    ::sigemptyset(&action.sa_mask);
    return ::sigaction(SIGBUS, &action, &earlier_action) == 0;
}

std::optional<std::size_t> take_slot() {
    const std::size_t first = next_slot++;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        const auto index = (first + i) % slots.size();
        if (!slots[index].taken.exchange(true)) return index;
    }
    return std::nullopt;
}

}  // namespace

std::unique_ptr<MappedView> MappedView::map(int fd, std::uint64_t offset, std::uint64_t size) {
    static const bool watching = watch_bus_errors();
    if (!watching || size == 0) return nullptr;
    const auto slot = take_slot();
    if (!slot) return nullptr;
    const auto before = offset % page_bytes();  // a mapping begins at a page
    void* const at =
        ::mmap(nullptr, size + before, PROT_READ, MAP_SHARED, fd, static_cast<off_t>(offset - before));
    if (at == MAP_FAILED) {
        slots[*slot].taken = false;
        return nullptr;
    }
    const auto start = reinterpret_cast<std::uintptr_t>(at);
    slots[*slot].broken = false;
    slots[*slot].end = (start + before + size + page_bytes() - 1) / page_bytes() * page_bytes();
    slots[*slot].start = start;
    const Bytes bytes(static_cast<const std::uint8_t*>(at) + before, static_cast<std::size_t>(size));
    return std::unique_ptr<MappedView>(new MappedView(*slot, bytes));
}

MappedView::~MappedView() {
    Slot& slot = slots[slot_];
    const auto start = slot.start.exchange(0);
    ++slot.mappings_gone;
    ::munmap(reinterpret_cast<void*>(start), slot.end - start);  // NOLINT(performance-no-int-to-ptr)
    slot.taken = false;
}

bool MappedView::intact() const {
    return !slots[slot_].broken;
}

}  // namespace spate::io_linux
