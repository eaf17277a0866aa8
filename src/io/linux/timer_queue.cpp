#include "io/linux/timer_queue.h"

#include <utility>

namespace spate::io_linux {
namespace {
bool earlier(const TimerEntry& a, const TimerEntry& b) {
    return std::pair(a.due, a.order) < std::pair(b.due, b.order);
}
}  // namespace

void TimerQueue::arm(TimerEntry& entry, TimePoint due) {
    entry.due = due;
    entry.order = next_order_++;
    if (entry.place == TimerEntry::nowhere) {
        heap_.push_back(nullptr);
        put(heap_.size() - 1, &entry);
    }
    rise(entry.place);
    sink(entry.place);
}

void TimerQueue::disarm(TimerEntry& entry) {
    if (entry.place == TimerEntry::nowhere) return;
    const std::size_t place = std::exchange(entry.place, TimerEntry::nowhere);
    TimerEntry* last = heap_.back();
    heap_.pop_back();
    if (last == &entry) return;
    put(place, last);
    rise(place);
    sink(last->place);
}

TimePoint TimerQueue::next_due() const {
    return heap_.empty() ? never : heap_.front()->due;
}

std::shared_ptr<TimerEntry> TimerQueue::take_due(TimePoint now, std::uint64_t mark) {
    if (heap_.empty()) return nullptr;
    TimerEntry& first = *heap_.front();
    if (first.due == never || first.due > now || first.order >= mark) return nullptr;
    disarm(first);
    return first.shared_from_this();
}

void TimerQueue::put(std::size_t place, TimerEntry* entry) {
    heap_[place] = entry;
    entry->place = place;
}

void TimerQueue::rise(std::size_t place) {
    TimerEntry* entry = heap_[place];
    while (place > 0) {
        const std::size_t parent = (place - 1) / 2;
        if (!earlier(*entry, *heap_[parent])) break;
        put(place, heap_[parent]);
        place = parent;
    }
    put(place, entry);
}

void TimerQueue::sink(std::size_t place) {
    TimerEntry* entry = heap_[place];
    for (std::size_t child = 2 * place + 1; child < heap_.size(); child = 2 * place + 1) {
        if (child + 1 < heap_.size() && earlier(*heap_[child + 1], *heap_[child])) ++child;
        if (!earlier(*heap_[child], *entry)) break;
        put(place, heap_[child]);
        place = child;
    }
    put(place, entry);
}

}  // namespace spate::io_linux
