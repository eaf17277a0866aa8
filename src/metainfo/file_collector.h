// FileCollector: turns listed files into the layout's files with clean, unique paths, one by one in the
// torrent's order, and resolves symlinks at the end. Memory: what it gives. One owner.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "metainfo/clean_path.h"
#include "metainfo/listed_file.h"
#include "metainfo/metainfo.h"

namespace spate::metainfo {

class FileCollector {
  public:
    FileCollector(std::string root, CaseRule rule) : root_(root), paths_(std::move(root), rule) {}

    // components: of the file, below the root; a pad file's are not looked at. The error's object is empty.
    Result<void> add(std::span<const std::string_view> components, const ListedFile& listed);

    std::vector<File> take_files() { return std::move(files_); }
    std::vector<RenamedFile> take_renamed() { return std::move(renamed_); }
    // Where every link leads; before take_files().
    std::vector<Symlink> resolve_links() const;

  private:
    struct Link {
        FileIndex file;
        bencode::Elements target;
    };
    std::string root_;
    UniquePaths paths_;
    std::vector<File> files_;
    std::vector<RenamedFile> renamed_;
    std::vector<Link> links_;
};

}  // namespace spate::metainfo
