// SimFiles: one process's io::Files over its host's Disk. A dead process's calls fail without effect.
#pragma once

#include <memory>
#include <string>

#include "io/files.h"
#include "sim/disk.h"
#include "sim/life.h"

namespace spate::sim {

class SimFiles final : public io::Files {
  public:
    SimFiles(Disk& disk, std::shared_ptr<Life> life) : disk_(disk), life_(std::move(life)) {}
    Result<std::unique_ptr<io::Folder>> open_folder(const std::string& path,
                                                    io::IfMissing if_missing) override;

  private:
    Disk& disk_;
    std::shared_ptr<Life> life_;
};

}  // namespace spate::sim
