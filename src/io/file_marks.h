// FileMarks: what some disks know of a file beyond its FileInfo. A Folder that can tell it has this interface
// too (dynamic_cast); the others' files have no mark. Blocking; thread: any.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "io/files.h"

namespace spate::io {

struct FileMark {
    // Another one after every change, also one that sets the time back, and after changes of the file's name
    // or rights. 0: unknown.
    std::uint64_t change = 0;
    bool has_other_names = false;  // further hard links
};

struct MarkedInfo : FileInfo {
    FileMark mark;  // of a file
};

class FileMarks {
  public:
    virtual ~FileMarks() = default;
    // As Folder::info(), all of it from one look.
    virtual Result<MarkedInfo> marked_info(std::string_view path) = 0;
};

}  // namespace spate::io
