// BufferBudget: the memory for blocks that were received and are not yet hashed and written, over all
// torrents. At its limit the owner stops reading sockets (the back-pressure) until on_space. Buffers are of a
// few sizes; of those given back up to half of the limit is kept and used again, last first: warm memory.
// Limits: limit() bytes, exceeded by what was read before accepting() turned false, and by a quarter that is
// kept whatever is in use. Where several threads keep one limit together (Ledger), it grows by portions when
// it is reached, and gives them back.
// Thread: take() and accepting() the reactor's; a Buffer may be given back by any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/ledger.h"

namespace spate::piece_store {

class BufferBudget;

// Owned memory of the budget; gives itself back.
class Buffer {
  public:
    Buffer() = default;
    Buffer(Buffer&& other) noexcept
        : pool_(std::move(other.pool_)),
          data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)) {}
    Buffer& operator=(Buffer&& other) noexcept {
        if (this == &other) return *this;
        give_back();
        pool_ = std::move(other.pool_);
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
        return *this;
    }
    ~Buffer() { give_back(); }

    explicit operator bool() const { return data_ != nullptr; }
    std::uint8_t* data() const { return data_; }
    std::size_t size() const { return size_; }
    MutableBytes bytes() const { return {data_, size_}; }

  private:
    friend class BufferBudget;
    struct Pool;
    Buffer(std::shared_ptr<Pool> pool, std::uint8_t* data, std::size_t size)
        : pool_(std::move(pool)), data_(data), size_(size) {}
    void give_back();

    std::shared_ptr<Pool> pool_;
    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
};

class BufferBudget {
  public:
    static constexpr std::size_t buffer_min = 16 << 10;
    static constexpr std::size_t buffer_max = 256 << 10;  // of one buffer

    explicit BufferBudget(std::size_t limit);
    explicit BufferBudget(Ledger& ledger);
    BufferBudget(const BufferBudget&) = delete;
    BufferBudget& operator=(const BufferBudget&) = delete;

    // At least `size` bytes (<= buffer_max), whatever was in them before. Never fails: see accepting().
    Buffer take(std::size_t size);

    std::size_t limit() const { return allowance_.limit(); }
    std::size_t used() const;
    std::size_t held() const;  // and those that are kept
    // Whether sockets may be read. Once false, it stays so until a quarter is free again.
    bool accepting();
    // Called on the reactor's thread when accepting() turns true again.
    void set_on_space(std::move_only_function<void()> on_space) { on_space_ = std::move(on_space); }
    // For those who give buffers back on the reactor's thread, afterwards.
    void report_space();

  private:
    void adjust(std::size_t used);

    Allowance allowance_;
    const std::size_t portion_;
    std::shared_ptr<Buffer::Pool> pool_;
    std::move_only_function<void()> on_space_;
    bool full_ = false;
};

}  // namespace spate::piece_store
