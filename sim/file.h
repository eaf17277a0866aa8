// SimFile: an open file of a simulated disk. All that have the same file open see each other's writes at
// once.
#pragma once

#include <memory>
#include <string>

#include "io/files.h"
#include "sim/disk.h"
#include "sim/life.h"

namespace spate::sim {

class SimFile final : public io::File {
  public:
    SimFile(Disk& disk, std::shared_ptr<Life> life, std::shared_ptr<Inode> inode, std::string path,
            bool writable)
        : disk_(disk),
          life_(std::move(life)),
          inode_(std::move(inode)),
          path_(std::move(path)),
          writable_(writable) {}

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) override;
    bool read_cached(std::uint64_t offset, MutableBytes into) override;
    Result<void> write_at(std::uint64_t offset, Bytes data) override;
    void will_need(std::uint64_t offset, std::uint64_t size) override;
    Result<std::uint64_t> size() override;
    Result<io::FileInfo> info() override;
    Result<void> resize(std::uint64_t size) override;
    Result<void> sync() override;

  private:
    Result<void> begin_change(DiskCall call, const char* operation, std::uint64_t end);

    Disk& disk_;
    std::shared_ptr<Life> life_;
    std::shared_ptr<Inode> inode_;
    std::string path_;
    bool writable_;
};

}  // namespace spate::sim
