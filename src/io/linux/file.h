// LinuxFile: io::File on a regular file's descriptor. Thread: any, several at a time.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <sys/stat.h>

#include "io/files.h"
#include "io/linux/unique_fd.h"

namespace spate::io_linux {

class LinuxFile final : public io::File {
  public:
    LinuxFile(UniqueFd fd, std::string path);

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) override;
    bool read_cached(std::uint64_t offset, MutableBytes into) override;
    void will_need(std::uint64_t offset, std::uint64_t size) override;
    Result<void> write_at(std::uint64_t offset, Bytes data) override;
    Result<std::uint64_t> size() override;
    Result<io::FileInfo> info() override;
    Result<void> resize(std::uint64_t size) override;
    Result<void> reserve(std::uint64_t size) override;
    Result<void> sync() override;

  private:
    enum class Home : std::uint8_t { unknown, memory, disk };
    Home look_for_home() const;

    const UniqueFd fd_;
    const std::string path_;                  // for messages
    std::atomic<Home> home_ = Home::unknown;  // found out by read_at(): that may wait
};

io::FileInfo file_info(const struct stat& status);
// For open().
int open_flags(io::OpenMode mode);

}  // namespace spate::io_linux
