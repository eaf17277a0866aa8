// ReadHints: what a File whose system reads ahead understands besides; ask for it by dynamic_cast. Thread:
// any.
#pragma once

#include <cstdint>

namespace spate::io {

class ReadHints {
  public:
    // Those bytes will be read soon. Asks the disk for them and does not wait until they are there, but may
    // wait until it takes the question.
    virtual void will_need(std::uint64_t offset, std::uint64_t size) = 0;

  protected:
    ~ReadHints() = default;
};

}  // namespace spate::io
