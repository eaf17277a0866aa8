// Whole small files: replaced at once or not at all, read with a cap. Blocking (see io::Folder): pool jobs
// only. A crash leaves the old file or the new one, and at worst a file named as `temporary_name` says, which
// the next replacement of the same file overwrites.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "io/files.h"

namespace spate::storage {

enum class Sync {
    yes,  // the new content survives a power cut once this returns
    no,   // it survives the end of the process only; still never half a file while the system runs
};

// Temporary file, write, sync, rename, sync of the folder. At an error the temporary file is removed where
// that works.
Result<void> replace_file(io::Folder& folder, std::string_view path, Bytes content, Sync sync = Sync::yes);

// Errors: ENOENT ...; file_too_large (EFBIG) above `size_max` bytes, before anything is read.
Result<std::vector<std::uint8_t>> read_file(io::Folder& folder, std::string_view path, std::size_t size_max);

// The name beside `path` that replace_file() writes to first.
std::string temporary_name(std::string_view path);

}  // namespace spate::storage
