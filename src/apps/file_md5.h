// FileMd5: the MD5 of a file, which the classic protocol asks of what it lists, while others hash it for
// BitTorrent. A pool job that ends early when this is destroyed. Thread: the reactor's.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "hash/digest.h"
#include "io/files.h"
#include "io/work_pool.h"

namespace spate::apps {

class FileMd5 {
  public:
    using Done = std::move_only_function<void(Result<hash::Md5>)>;

    FileMd5(io::Files& files, io::WorkPool& pool, std::string path, Done done);
    ~FileMd5();
    FileMd5(const FileMd5&) = delete;
    FileMd5& operator=(const FileMd5&) = delete;

  private:
    std::shared_ptr<std::atomic<bool>> given_up_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace spate::apps
