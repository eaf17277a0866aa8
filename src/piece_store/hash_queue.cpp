#include "piece_store/hash_queue.h"

#include <algorithm>

namespace spate::piece_store {

struct HashQueue::Batch {
    std::vector<std::weak_ptr<HashClient>> clients;
    std::vector<PieceTask> tasks;
    PieceHasher hasher;
};

HashQueue::HashQueue(io::World& world, BufferBudget& budget, unsigned jobs)
    : world_(world),
      budget_(budget),
      jobs_(std::max(1U, jobs)),
      full_(std::clamp<std::size_t>(hash::fastest_sha1().lanes(), 1, PieceHasher::batch_max)),
      timer_(world.reactor.make_timer([this] { pump(); })),
      self_(std::make_shared<HashQueue*>(this)) {}

HashQueue::~HashQueue() {
    *self_ = nullptr;
}

// Whether company will be there within wait_max, at a speed where it matters. A v2 piece fills the lanes with
// its own blocks.
bool HashQueue::worth_waiting(const PieceTask& task) const {
    if (full_ == 1 || !task.v1 || task.want_blocks) return false;
    const Duration busy_interval = std::chrono::nanoseconds(mean_size_ * std::nano::den / busy_rate);
    return interval_ <= busy_interval && interval_ * company_min <= wait_max &&
           budget_.used() < budget_.limit() / 4 * 3;
}

void HashQueue::submit(std::weak_ptr<HashClient> client, PieceTask task) {
    const auto now = world_.reactor.now();
    interval_ = (interval_ * 7 + std::min<Duration>(now - last_submit_, std::chrono::seconds(1))) / 8;
    mean_size_ = (mean_size_ * 7 + task.files->layout().piece_size(task.piece)) / 8;
    last_submit_ = now;
    at_once_ |= !worth_waiting(task);
    waiting_.push_back({std::move(client), std::move(task), now});
    pump();
}

void HashQueue::hurry() {
    at_once_ = true;
    pump();
}

void HashQueue::pump() {
    const auto now = world_.reactor.now();
    const auto ready = [&] {
        return at_once_ || waiting_.size() >= full_ || now - waiting_.front().since >= wait_max;
    };
    while (!waiting_.empty() && busy_ < jobs_ && ready()) start();
    if (waiting_.empty()) {
        at_once_ = false;
        timer_->disarm();
    } else if (busy_ < jobs_) {
        timer_->arm(waiting_.front().since + wait_max);
    }
}

void HashQueue::start() {
    auto batch = idle_.empty() ? std::make_shared<Batch>() : std::move(idle_.back());
    if (!idle_.empty()) idle_.pop_back();
    for (; !waiting_.empty() && batch->tasks.size() < full_; waiting_.pop_front()) {
        batch->clients.push_back(std::move(waiting_.front().client));
        batch->tasks.push_back(std::move(waiting_.front().task));
    }
    ++busy_;
    world_.pool.submit([batch] { batch->hasher.run(batch->tasks); },
                       [batch, self = self_] {
                           if (*self != nullptr) (*self)->finished(batch);
                       });
}

void HashQueue::finished(const std::shared_ptr<Batch>& batch) {
    --busy_;
    pump();
    const auto self = self_;
    const std::span tasks(batch->tasks);
    std::vector<bool> told(tasks.size());
    std::vector<PieceTask> group;
    for (std::size_t first = 0; first < tasks.size(); ++first) {
        if (told[first]) continue;
        const auto client = batch->clients[first].lock();
        group.clear();
        for (std::size_t i = first; i < tasks.size(); ++i) {
            const bool same = !batch->clients[first].owner_before(batch->clients[i]) &&
                              !batch->clients[i].owner_before(batch->clients[first]);
            if (told[i] || !same) continue;
            told[i] = true;
            group.push_back(std::move(tasks[i]));
        }
        if (client) client->on_hashed(group);
        if (*self == nullptr) return;
    }
    batch->clients.clear();
    batch->tasks.clear();
    idle_.push_back(batch);
    budget_.report_space();
}

}  // namespace spate::piece_store
