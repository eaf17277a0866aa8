// MappedView: io::FileView on the page cache's own pages. Reading a mapped page that the file no longer has
// (it was cut short), or that the disk cannot give, raises SIGBUS, which would end the process. A handler
// that knows all views puts zero pages there instead and marks the view; every other SIGBUS keeps its
// meaning. The table of views is the process's own: a handler is given nothing else. A thread that reads
// views must not block SIGBUS. Limits: views_max views at a time in the process. Thread: any; a view is used
// by one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "io/files.h"

namespace spate::io_linux {

class MappedView final : public io::FileView {
  public:
    static constexpr std::size_t views_max = 2048;

    // size bytes that the file has now. nullptr if the system maps nothing here or views_max is reached.
    static std::unique_ptr<MappedView> map(int fd, std::uint64_t offset, std::uint64_t size);

    MappedView(const MappedView&) = delete;
    MappedView& operator=(const MappedView&) = delete;
    ~MappedView() override;

    Bytes bytes() const override { return bytes_; }
    bool intact() const override;

  private:
    MappedView(std::size_t slot, Bytes bytes) : slot_(slot), bytes_(bytes) {}

    const std::size_t slot_;  // in the table that the handler reads
    const Bytes bytes_;
};

}  // namespace spate::io_linux
