// Claims: what the saved states may say of a torrent's files, and what waits for a better one. While one may
// claim pieces that are gone, nothing is written: else a restart could take a file that was just begun anew
// for the old one. Before one says that we were here nothing is written either, so that a kill leaves no
// file that nobody knows; but a state that cannot be saved keeps no download from a disk that is well.
//
// States are numbered by what was asked of them by then: marked() when the making of one begins, given() when
// it is made, saved() when the one that was given last is in the database.
// Pure. Owner: PieceStore. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "piece_store/stored_state.h"

namespace spate::piece_store {

class Claims {
  public:
    using Task = std::move_only_function<void(const Result<void>& saved)>;
    using Mark = std::uint64_t;

    // resumed: a state of an earlier run may be in the database.
    explicit Claims(bool resumed) : claimed_(resumed) {}

    // From now on states go to a database, and `wanted` is called when one should be saved soon; empty: no
    // more.
    void set_keeper(std::move_only_function<void()> wanted) { wanted_ = std::move(wanted); }
    void want_state() {
        if (wanted_) wanted_();
    }
    // A saved state may claim pieces.
    bool any() const { return wanted_ || claimed_; }

    // Pieces are gone, or will be, that a saved state may claim.
    void on_loss() { loss_ = ++asked_; }
    // No state says that we were here.
    void on_first() { first_ = ++asked_; }
    // To be done when a state is saved that was made from now on, or not at all.
    void when_saved(Task task);

    // The files as they were found, to be saved before anything is synced. It covers what was asked so far.
    void set_baseline(StoredState state) { baseline_.emplace(std::move(state), asked_); }
    // It is given then.
    std::optional<StoredState> take_baseline();

    Mark marked() const { return asked_; }
    void given(Mark mark);
    // What may be done now.
    [[nodiscard]] std::vector<Task> saved();
    // What will not be done, but for what nothing saved forbids.
    [[nodiscard]] std::vector<Task> not_saved();

    // Something waits for a state.
    bool waiting() const { return saved_ < asked_; }
    // Nothing may be written.
    bool hold() const { return saved_ < loss_ || (saved_ < first_ && !failing_); }
    // And that is because states cannot be saved.
    bool stuck() const { return failing_ && saved_ < loss_; }

  private:
    std::move_only_function<void()> wanted_;
    bool claimed_;
    bool failing_ = false;
    // What was asked of states: in all, by the last loss, by the first claim; of the state given last; saved.
    Mark asked_ = 0;
    Mark loss_ = 0;
    Mark first_ = 0;
    Mark given_ = 0;
    Mark saved_ = 0;
    std::optional<std::pair<StoredState, Mark>> baseline_;
    std::vector<Task> tasks_;
};

}  // namespace spate::piece_store
