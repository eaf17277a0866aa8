// TalliedFiles: files whose calls are counted, and charged to nobody, as the kernel's work is not the
// program's.
#pragma once

#include <memory>
#include <string>

#include "bench/tally.h"
#include "io/files.h"

namespace spate {

class TalliedFiles final : public io::Files {
  public:
    TalliedFiles(io::Files& inner, Tally& tally) : inner_(inner), tally_(tally) {}
    Result<std::unique_ptr<io::Folder>> open_folder(const std::string& path,
                                                    io::IfMissing if_missing) override;

  private:
    io::Files& inner_;
    Tally& tally_;
};

}  // namespace spate
