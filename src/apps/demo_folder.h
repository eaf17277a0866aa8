// DemoFolder: the files the demo works on: test_server/ and test_clients/, the shared file in every sender's
// folder. In a temporary folder that is removed at the end, or one to keep.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace spate::apps {

struct DemoSource {
    std::string path;                   // a file of the user's; empty: the sample picture
    std::optional<std::uint64_t> size;  // a file of so many random bytes instead
};

class DemoFolder {
  public:
    // `keep`: empty for a temporary folder. Fails rather than mix with what lies in `keep` already.
    static Result<DemoFolder> make(const std::string& keep, const DemoSource& source, int senders,
                                   int receivers);
    DemoFolder(DemoFolder&&) = default;
    DemoFolder& operator=(DemoFolder&&) = delete;
    ~DemoFolder();

    const std::string& path() const { return path_; }
    const std::string& file_name() const { return file_name_; }
    std::uint64_t file_size() const { return file_size_; }
    const std::string& md5() const { return md5_; }

  private:
    DemoFolder(std::string path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}
    Result<void> fill(const DemoSource& source, int senders, int receivers);

    std::string path_;  // empty when moved from
    bool temporary_;
    std::string file_name_;
    std::uint64_t file_size_ = 0;
    std::string md5_;
};

// MD5 of a file, in hex; nothing if it cannot be read.
std::optional<std::string> md5_of_file(const std::filesystem::path& path);

}  // namespace spate::apps
