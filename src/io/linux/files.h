// LinuxFiles: io::Files on the kernel's file systems; everything below an opened folder goes through
// beneath.h. Thread: any. Owner: Loop, or a program's start.
#pragma once

#include "io/files.h"
#include "io/linux/beneath.h"

namespace spate::io_linux {

class LinuxFiles final : public io::Files {
  public:
    explicit LinuxFiles(OpenWay way = OpenWay::kernel) : way_(way) {}
    Result<std::unique_ptr<io::Folder>> open_folder(const std::string& path,
                                                    io::IfMissing if_missing) override;

  private:
    const OpenWay way_;
};

}  // namespace spate::io_linux
