// LinuxFolder: io::Folder on a held O_PATH descriptor. Thread: any.
#pragma once

#include <sys/stat.h>

#include "io/files.h"
#include "io/linux/beneath.h"

namespace spate::io_linux {

class LinuxFolder final : public io::Folder {
  public:
    LinuxFolder(UniqueFd fd, std::string path, OpenWay way);

    Result<std::unique_ptr<io::File>> open(std::string_view path, io::OpenMode mode) override;
    Result<std::unique_ptr<io::Folder>> open_folder(std::string_view path) override;
    Result<void> make_folder(std::string_view path) override;
    Result<io::FileInfo> info(std::string_view path) override;
    Result<io::MarkedInfo> marked_info(std::string_view path) override;
    Result<std::vector<io::FolderItem>> list(std::string_view path_or_empty) override;
    Result<void> rename(std::string_view from, std::string_view to) override;
    Result<void> remove(std::string_view path) override;
    Result<void> make_link(std::string_view path, std::string_view target) override;
    Result<std::string> read_link(std::string_view path) override;
    Result<void> make_executable(std::string_view path) override;
    Result<void> sync(std::string_view path_or_empty) override;
    Result<void> sync_all() override;
    Result<std::unique_ptr<io::FolderLock>> lock(std::string_view name) override;
    std::uint64_t disk() const override;
    std::string path() const override { return path_; }

  private:
    std::string full(std::string_view path) const;
    std::unexpected<Error> failed(const char* operation, std::string_view path) const;
    // At what the path names itself, also if that is a link; errno on failure.
    bool look_at(std::string_view path, struct stat& status) const;
    // Readable, for list() and sync(); errno on failure.
    Result<UniqueFd> open_to_read(const char* operation, std::string_view path_or_empty) const;

    const UniqueFd fd_;
    const std::string path_;
    const OpenWay way_;
};

}  // namespace spate::io_linux
