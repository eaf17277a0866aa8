// FileParts: what a FileSet, its FileMove and its FileOpening work on together: one torrent's files by name,
// by place on the disk, by how each is known, and as they are open.
#pragma once

#include <memory>

#include "piece_store/file_names.h"
#include "piece_store/file_places.h"
#include "piece_store/open_files.h"
#include "piece_store/store_options.h"
#include "piece_store/torrent_folder.h"

namespace spate::piece_store {

struct FileParts {
    using FileIndex = metainfo::FileIndex;

    FileParts(io::Files& files, std::shared_ptr<FileHandles> handles, const StoreOptions& options)
        : names(options.metainfo),
          folder(files, options.folder),
          places(names.layout().files().size() + 1),
          open(std::move(handles), names, folder, places, options.preallocate) {}

    // Whether it is there.
    bool find_file(FileIndex file, io::MarkedInfo& info) const {
        return folder.find_file(names.path_of(file), info);
    }
    // Those that the torrent's paths name; a folder with anything in it stays.
    void remove_empty_folders(io::Folder& from) const {
        for (const auto& path : names.folders()) static_cast<void>(from.remove(path));
    }

    FileNames names;
    IntendedNames intended;
    TorrentFolder folder;
    FilePlaces places;
    OpenFiles open;
};

}  // namespace spate::piece_store
