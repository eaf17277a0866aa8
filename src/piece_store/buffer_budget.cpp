#include "piece_store/buffer_budget.h"

#include <algorithm>
#include <bit>
#include <mutex>
#include <new>
#include <vector>

#include "base/assert.h"

namespace spate::piece_store {
namespace {

constexpr std::size_t page_bytes = 4096;
constexpr std::size_t sizes = std::countr_zero(BufferBudget::buffer_max / BufferBudget::buffer_min) + 1;

std::size_t place(std::size_t size) {
    return static_cast<std::size_t>(std::countr_zero(size / BufferBudget::buffer_min));
}

}  // namespace

// Outlives the budget while jobs still hold buffers.
struct Buffer::Pool {
    ~Pool() { trim(0); }
    std::uint8_t* take(std::size_t size);
    std::size_t kept_max() const;
    void give(std::uint8_t* data, std::size_t size);
    void set_limit(std::size_t new_limit);
    void trim(std::size_t kept_max);
    static void free(std::uint8_t* data) { ::operator delete(data, std::align_val_t(page_bytes)); }

    std::mutex mutex;
    std::size_t limit = 0;
    std::size_t used = 0;
    std::size_t kept = 0;
    std::array<std::vector<std::uint8_t*>, sizes> free_buffers;
};

std::uint8_t* Buffer::Pool::take(std::size_t size) {
    const std::lock_guard guard(mutex);
    auto& ready = free_buffers[place(size)];
    used += size;
    if (!ready.empty()) {
        auto* const data = ready.back();
        ready.pop_back();
        kept -= size;
        return data;
    }
    trim(kept_max());
    return static_cast<std::uint8_t*>(::operator new(size, std::align_val_t(page_bytes)));
}

// Fresh memory costs a page fault for every 4 KiB, more than all else that is done with it.
std::size_t Buffer::Pool::kept_max() const {
    return std::clamp(limit - std::min(limit, used), limit / 4, limit / 2);
}

void Buffer::Pool::give(std::uint8_t* data, std::size_t size) {
    const std::lock_guard guard(mutex);
    used -= size;
    kept += size;
    free_buffers[place(size)].push_back(data);
    trim(kept_max());
}

void Buffer::Pool::set_limit(std::size_t new_limit) {
    const std::lock_guard guard(mutex);
    limit = new_limit;
    trim(kept_max());
}

void Buffer::Pool::trim(std::size_t kept_max) {
    for (std::size_t i = 0; i < sizes && kept > kept_max; ++i) {
        auto& buffers = free_buffers[i];
        for (; !buffers.empty() && kept > kept_max; buffers.pop_back()) {
            free(buffers.back());
            kept -= BufferBudget::buffer_min << i;
        }
    }
}

void Buffer::give_back() {
    if (data_ == nullptr) return;
    pool_->give(std::exchange(data_, nullptr), size_);
    pool_.reset();
}

BufferBudget::BufferBudget(std::size_t limit)
    : allowance_(limit), portion_(0), pool_(std::make_shared<Buffer::Pool>()) {
    pool_->limit = limit;
}

BufferBudget::BufferBudget(Ledger& ledger)
    : allowance_(ledger),
      portion_(std::max(buffer_min, ledger.own_part() / 8)),
      pool_(std::make_shared<Buffer::Pool>()) {
    pool_->limit = allowance_.limit();
}

Buffer BufferBudget::take(std::size_t size) {
    SPATE_ASSERT(size <= buffer_max);
    const auto rounded = std::max(buffer_min, std::bit_ceil(size));
    return {pool_, pool_->take(rounded), rounded};
}

std::size_t BufferBudget::used() const {
    const std::lock_guard guard(pool_->mutex);
    return pool_->used;
}

std::size_t BufferBudget::held() const {
    const std::lock_guard guard(pool_->mutex);
    return pool_->used + pool_->kept;
}

// Portions are given back when less than half is in use: long after sockets are read again, and so that they
// are not drawn and given back all the time.
void BufferBudget::adjust(std::size_t used) {
    const auto before = limit();
    if (used >= before) {
        allowance_.grow(portion_);
    } else {
        while (allowance_.drawn() >= portion_ && 2 * used + portion_ < limit()) allowance_.shrink(portion_);
    }
    if (limit() != before) pool_->set_limit(limit());
}

bool BufferBudget::accepting() {
    const auto bytes = used();
    if (portion_ != 0) adjust(bytes);
    if (bytes >= limit()) full_ = true;
    if (bytes <= limit() - limit() / 4) full_ = false;
    return !full_;
}

void BufferBudget::report_space() {
    // Nobody may ask any more whether sockets may be read.
    if (allowance_.drawn() > 0) adjust(used());
    if (full_ && accepting() && on_space_) on_space_();
}

}  // namespace spate::piece_store
