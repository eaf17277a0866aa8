// Content: the disk does not take what comes, or gives what it should not.
#include <utility>

#include "engine/content.h"

namespace spate::engine {

void Content::wait_for_disk(const Error& error) {
    const bool before = wait_.waiting();
    wait_.on_trouble(error, share_.now());
    if (before) return;
    set_paused(true);
    tell_state();
}

void Content::disk_is_well() {
    if (store_in_trouble_ || !wait_.waiting()) return;
    wait_.on_well();
    set_paused(false);
    if (!ready()) return;
    tell_state();
    at_turn_end();
}

void Content::on_disk_trouble(const Error& error) {
    store_in_trouble_ = true;
    if (store_.have().none() && is_forbidden(error)) return owner_.on_content_failed(error);
    wait_for_disk(error);
}

void Content::on_disk_well() {
    store_in_trouble_ = false;
    disk_is_well();
}

void Content::retry() {
    if (!greets()) return try_open();
    owner_.on_content_retry();
    if (store_.retry() || !ready()) return;
    if (store_.has_doubts() || options_.read_only) return check_again();
    if (seeding()) return;  // its end could not be saved: the owner tries that
    wait_.go_on();
    set_paused(false);
    tell_state();
    at_turn_end();
}

// What was lost may be there after all, or again.
void Content::check_again() {
    store_.check([this, alive = alive_](const Result<void>&) {
        if (!*alive) return;
        wait_.end_try();
        // What is missing still is fetched, or comes back as it went.
        if (seeding() || !options_.read_only) return disk_is_well();
        if (wait_.waiting()) wait_.on_trouble(*wait_.why(), share_.now());
    });
}

}  // namespace spate::engine
