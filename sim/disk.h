// Disk: a host's file system. What programs write is seen by all of them at once and survives their kill;
// what was synced survives a power cut. Names made, renamed and removed become durable when their folder is
// synced, in the order they were done in. Faults: those of each call (DiskCalls), a full disk, bits that rot,
// a power cut. Owner: the Host. sim/files.h is the seam's side.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/files.h"
#include "sim/disk_calls.h"
#include "sim/inode.h"
#include "sim/name_changes.h"

namespace spate::sim {

// What a file system knows beyond what all do.
struct DiskAbilities {
    bool marks = true;     // a mark that every change of a file changes (io::FileMark)
    bool sync_all = true;  // all files at once
};

class Disk {
  public:
    using Clock = std::function<WallTime()>;
    Disk(Simulation& simulation, std::string name, Clock clock, DiskAbilities abilities);

    ~Disk();
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    DiskFaults& faults() { return calls_.faults(); }
    DiskLatency& latency() { return calls_.latency(); }
    // Runs once, before the call of that number from now (1: the next one) takes effect: to kill or cut power
    // there.
    void before_call(std::uint64_t number, std::function<void()> action) {
        calls_.before(number, std::move(action));
    }

    // Power cut. Open handles belong to dead processes by then.
    void crash();
    // A process's locks go with it.
    void release_locks(const Life& life);

    // Behind the programs' back, for tests and scenarios. Paths from the root, "/data/file"; folders above
    // are made; durable.
    void put(const std::string& path, Bytes content);
    void put_pipe(const std::string& path);
    void move(const std::string& from, const std::string& to);  // within the folders there are
    void put_link(const std::string& path, std::string target);
    std::optional<std::vector<std::uint8_t>> get(const std::string& path) const;  // as programs see it
    std::optional<std::vector<std::uint8_t>> get_durable(
        const std::string& path) const;  // its content at the last sync
    // Whether programs see those bytes there; false beyond the end.
    bool holds(const std::string& path, std::uint64_t offset, Bytes bytes) const;
    // A sync fails and its program cannot know it yet: what is lost is gone at the call's begin here, though
    // for the program the call goes on.
    bool is_losing() const { return calls_.is_losing(); }
    void flip_bit(const std::string& path, std::uint64_t bit);

    // For sim/files.h. Every call of a program but read_cached() passes here first: counts, charges time,
    // injects faults.
    Result<void> begin(Life& life, DiskCall call, const std::string& operation, const std::string& path) {
        return calls_.begin(life, call, operation, path);
    }
    std::shared_ptr<Inode> make_inode(InodeKind kind);
    const std::shared_ptr<Inode>& root() const { return root_; }
    std::uint64_t pages_free() const;
    std::uint64_t bytes_used() const { return *pages_used_ * page_size; }
    // Its content or names change now.
    void touch(Inode& inode);
    const DiskAbilities& abilities() const { return abilities_; }
    Simulation& simulation() { return simulation_; }
    // Changes of names; `node` null: removed. The caller has checked that it may be.
    void set_entry(const std::shared_ptr<Inode>& folder, const std::string& name,
                   std::shared_ptr<Inode> node);
    void move_entry(const std::shared_ptr<Inode>& from, const std::string& name,
                    const std::shared_ptr<Inode>& to, const std::string& new_name);
    void sync_folder(const Inode& folder) { name_changes_.sync(folder); }
    void sync_all();
    // A sync of all failed: what was not durable counts as lost, which each file and each folder that is held
    // by then says at its next sync.
    void lose_all_unsynced();
    std::uint64_t losses() const { return losses_; }  // so many times
    bool lock(const Inode& file, const Life& life);   // false: held
    void unlock(const Inode& file) { locks_.erase(file.id); }

  private:
    void each_file(Inode& folder, const std::function<void(Inode&)>& visit);
    void crash_tree(Inode& folder, bool& torn);
    std::shared_ptr<Inode> find(const std::string& path) const;
    void put_inode(const std::string& path, std::shared_ptr<Inode> node);

    Simulation& simulation_;
    std::string name_;
    Clock clock_;
    const DiskAbilities abilities_;
    DiskCalls calls_;
    std::shared_ptr<std::uint64_t> pages_used_ = std::make_shared<std::uint64_t>(0);
    std::uint64_t next_inode_ = 1;
    std::uint64_t last_change_ = 0;
    std::shared_ptr<Inode> root_;
    NameChanges name_changes_;
    std::uint64_t losses_ = 0;
    std::map<std::uint64_t, const Life*> locks_;
};

}  // namespace spate::sim
