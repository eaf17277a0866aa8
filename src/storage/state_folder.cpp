#include "storage/state_folder.h"

namespace spate::storage {

Result<StateFolder> StateFolder::open(io::Files& files, const std::string& path) {
    auto folder = files.open_folder(path, io::IfMissing::make);
    if (!folder) return fail(std::move(folder.error()));
    auto lock = (*folder)->lock("lock");
    if (!lock && lock.error().is(std::errc::device_or_resource_busy)) {
        return fail(Error::invalid("open the state folder", path,
                                   "another spate uses it; stop that one or name another folder",
                                   std::errc::device_or_resource_busy));
    }
    if (!lock) return fail(std::move(lock.error()));
    return StateFolder(std::move(*folder), std::move(*lock));
}

}  // namespace spate::storage
