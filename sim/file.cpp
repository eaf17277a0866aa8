#include "sim/file.h"

#include <cerrno>
#include <utility>

namespace spate::sim {

namespace {
constexpr std::uint64_t file_size_max = std::uint64_t{1} << 44;  // ext4's 16 TiB
}

Result<std::size_t> SimFile::read_at(std::uint64_t offset, MutableBytes into) {
    if (auto begun = disk_.begin(*life_, DiskCall::read, "read", path_); !begun)
        return fail(std::move(begun.error()));
    return inode_->written.read(offset, into);
}

bool SimFile::read_cached(std::uint64_t offset, MutableBytes into) {
    if (!life_->alive() || !disk_.simulation().chance(disk_.latency().cached)) return false;
    return inode_->written.read(offset, into) == into.size();
}

Result<void> SimFile::begin_change(DiskCall call, const char* operation, std::uint64_t end) {
    if (!writable_) return fail(Error::system(EBADF, operation, path_));
    if (end > file_size_max) return fail(Error::system(EFBIG, operation, path_));
    return disk_.begin(*life_, call, operation, path_);
}

Result<void> SimFile::write_at(std::uint64_t offset, Bytes data) {
    auto& simulation = disk_.simulation();
    const auto end = offset > file_size_max ? offset : offset + data.size();
    auto begun = begin_change(DiskCall::write, "write", end);
    if (!begun) {
        // A part may have been written all the same.
        if (life_->alive() && begun.error().is(std::errc::io_error) && !data.empty()) {
            inode_->write(offset, data.first(simulation.rng().below(data.size())), disk_.pages_free());
            disk_.touch(*inode_);
        }
        return begun;
    }
    const auto count = inode_->write(offset, data, disk_.pages_free());
    disk_.touch(*inode_);
    if (simulation.rng().chance(1, 64)) inode_->write_back_some(simulation.rng());
    if (count < data.size()) {
        simulation.mark("disk full");
        return fail(Error::system(ENOSPC, "write", path_));
    }
    return {};
}

// Waits until the disk takes the question; what it is read with then takes no less time here.
void SimFile::will_need(std::uint64_t, std::uint64_t) {
    if (disk_.begin(*life_, DiskCall::info, "will need", path_)) disk_.simulation().mark("disk: told early");
}

Result<std::uint64_t> SimFile::size() {
    if (auto begun = disk_.begin(*life_, DiskCall::info, "get size of", path_); !begun) {
        return fail(std::move(begun.error()));
    }
    return inode_->written.size;
}

Result<io::FileInfo> SimFile::info() {
    if (auto begun = disk_.begin(*life_, DiskCall::info, "look at", path_); !begun)
        return fail(std::move(begun.error()));
    return io::FileInfo{io::FileKind::file, inode_->written.size, inode_->modified, inode_->modified_ns};
}

Result<void> SimFile::resize(std::uint64_t size) {
    if (auto begun = begin_change(DiskCall::change, "resize", size); !begun) return begun;
    inode_->resize(size);
    disk_.touch(*inode_);
    return {};
}

Result<void> SimFile::sync() {
    auto begun = disk_.begin(*life_, DiskCall::sync, "sync", path_);
    if (begun) {
        inode_->sync();
        if (std::exchange(inode_->lost_untold, false)) return fail(Error::system(EIO, "sync", path_));
    } else if (life_->alive() && begun.error().is(std::errc::io_error)) {
        inode_->lose_unsynced(disk_.simulation().rng());
    }
    return begun;
}

}  // namespace spate::sim
