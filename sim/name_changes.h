// NameChanges: names made, renamed and removed on a disk that a power cut may undo, in the order they were
// done in. Pure; owner: Disk.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/rng.h"
#include "sim/inode.h"

namespace spate::sim {

// A name taken out of one folder and put into another (either may be missing).
struct NameChange {
    std::shared_ptr<Inode> from;
    std::string old_name;
    std::shared_ptr<Inode> to;
    std::string new_name;
    std::shared_ptr<Inode> node;
};

class NameChanges {
  public:
    void add(NameChange change) { changes_.push_back(std::move(change)); }
    // What touches the folder becomes durable; a move between two folders takes along all that was done in
    // the other.
    void sync(const Inode& folder);
    void sync_all() { apply(changes_.size()); }
    // Power cut: the first of them may be durable all the same. True: some were lost.
    bool crash(Rng& rng);

  private:
    void apply(std::size_t count);
    void sync_some(Rng& rng);

    std::vector<NameChange> changes_;  // oldest first
};

}  // namespace spate::sim
