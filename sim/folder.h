// SimFolder: a held folder of a simulated disk, with Linux's rules for names, links and errors.
#pragma once

#include <memory>
#include <string>

#include "io/files.h"
#include "sim/disk.h"
#include "sim/life.h"

namespace spate::sim {

class SimFolder final : public io::Folder {
  public:
    SimFolder(Disk& disk, std::shared_ptr<Life> life, std::shared_ptr<Inode> folder, std::string path)
        : disk_(disk),
          life_(std::move(life)),
          folder_(std::move(folder)),
          path_(std::move(path)),
          losses_told_(disk.losses()) {}

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
    std::uint64_t disk() const override { return 1; }
    std::string path() const override { return path_; }

  private:
    // A name in a folder, and what it names; null when nothing does.
    struct Place {
        std::shared_ptr<Inode> folder;
        std::string name;
        std::shared_ptr<Inode> node;
    };
    Result<Place> find(DiskCall call, const std::string& operation, std::string_view path);
    Result<Place> find_folder(DiskCall call, const std::string& operation, std::string_view path_or_empty);
    Result<Place> walk(const std::string& operation, std::string_view path) const;
    Result<std::shared_ptr<Inode>> open_inode(const std::string& operation, std::string_view path,
                                              io::OpenMode mode);
    int may_replace(const Inode& moved, const Inode& target) const;
    std::unexpected<Error> refuse(int code, const std::string& operation, std::string_view path) const;

    Disk& disk_;
    std::shared_ptr<Life> life_;
    std::shared_ptr<Inode> folder_;
    std::string path_;
    std::uint64_t losses_told_;  // of Disk::losses()
};

}  // namespace spate::sim
