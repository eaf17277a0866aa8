#include "piece_store/resume_database.h"

#include <deque>
#include <utility>

#include "base/hex.h"
#include "piece_store/pool_job.h"
#include "piece_store/resume_rows.h"

namespace spate::piece_store {

std::string resume_key(const metainfo::InfoHash& hash) {
    return hash.v2 ? to_hex(*hash.v2) : hash.v1 ? to_hex(*hash.v1) : std::string();
}

class ResumeDatabase::Impl : public std::enable_shared_from_this<ResumeDatabase::Impl> {
  public:
    explicit Impl(io::World& world) : world_(world), rows_(std::make_shared<ResumeRows>(world.files)) {}
    Impl(io::World& world, std::shared_ptr<Impl> home) : world_(world), home_(std::move(home)) {}

    void close() { open_ = false; }
    // `done` is dropped when the database is gone by then.
    template <class Job, class Done>
    void run(Job job, Done done) {
        home_ ? run_at_home(std::move(job), std::move(done)) : run_here(std::move(job), std::move(done));
    }

  private:
    // One job at a time.
    template <class Job, class Done>
    void run_here(Job job, Done done) {
        waiting_.push_back([this, job = std::move(job), done = std::move(done)]() mutable {
            run_job(
                world_.pool, weak_from_this(),
                [rows = rows_, job = std::move(job)]() mutable { return job(*rows); },
                [done = std::move(done)](Impl& self, auto result) mutable {
                    self.busy_ = false;
                    if (!self.open_) return;
                    self.next();
                    done(std::move(result));
                });
        });
        if (!busy_) next();
    }

    template <class Job, class Done>
    void run_at_home(Job job, Done done) {
        auto answer = [self = weak_from_this(), &reactor = world_.reactor,
                       done = std::move(done)](auto result) mutable {
            reactor.post(
                [self = std::move(self), done = std::move(done), result = std::move(result)]() mutable {
                    if (const auto alive = self.lock(); alive && alive->open_) done(std::move(result));
                });
        };
        home_->world_.reactor.post(
            [home = home_, job = std::move(job), answer = std::move(answer)]() mutable {
                if (home->open_) home->run_here(std::move(job), std::move(answer));
            });
    }

    void next() {
        if (waiting_.empty()) return;
        busy_ = true;
        auto start = std::move(waiting_.front());
        waiting_.pop_front();
        start();
    }

    io::World& world_;
    const std::shared_ptr<ResumeRows> rows_;  // null: a front
    const std::shared_ptr<Impl> home_;
    std::deque<std::move_only_function<void()>> waiting_;
    bool busy_ = false;
    bool open_ = true;
};

ResumeDatabase::ResumeDatabase(io::World& world) : impl_(std::make_shared<Impl>(world)) {}

ResumeDatabase::ResumeDatabase(io::World& world, const ResumeDatabase& home)
    : impl_(std::make_shared<Impl>(world, home.impl_)) {}

ResumeDatabase::~ResumeDatabase() {
    impl_->close();
}

void ResumeDatabase::open(std::string state_folder, std::move_only_function<void(Result<Opened>)> done) {
    impl_->run([path = std::move(state_folder)](ResumeRows& rows) { return rows.open(path); },
               std::move(done));
}

void ResumeDatabase::find(std::string key,
                          std::move_only_function<void(Result<std::optional<ResumeRow>>)> done) {
    impl_->run(
        [keys = std::vector{std::move(key)}](ResumeRows& rows) -> Result<std::optional<ResumeRow>> {
            auto found = rows.rows(keys);
            if (!found) return fail(std::move(found.error()));
            return std::move(found->front());
        },
        std::move(done));
}

void ResumeDatabase::find_all_of(
    std::vector<std::string> keys,
    std::move_only_function<void(Result<std::vector<std::optional<ResumeRow>>>)> done) {
    impl_->run([keys = std::move(keys)](ResumeRows& rows) { return rows.rows(keys); }, std::move(done));
}

void ResumeDatabase::count(std::move_only_function<void(Result<std::int64_t>)> done) {
    impl_->run([](ResumeRows& rows) { return rows.count(); }, std::move(done));
}

void ResumeDatabase::put(ResumeRow row, Done done) {
    std::vector<ResumeRow> rows;
    rows.push_back(std::move(row));
    put_all(std::move(rows), std::move(done));
}

void ResumeDatabase::put_all(std::vector<ResumeRow> rows, Done done) {
    impl_->run([rows = std::move(rows)](ResumeRows& store) { return store.put(rows); }, std::move(done));
}

void ResumeDatabase::save(std::vector<ResumeProgress> progress, Done done) {
    impl_->run([progress = std::move(progress)](ResumeRows& rows) { return rows.save(progress); },
               std::move(done));
}

void ResumeDatabase::remove(std::string key, Done done) {
    impl_->run([key = std::move(key)](ResumeRows& rows) { return rows.remove(key); }, std::move(done));
}

void ResumeDatabase::set_folder(std::string key, std::string folder, Done done) {
    impl_->run([key = std::move(key),
                folder = std::move(folder)](ResumeRows& rows) { return rows.set_folder(key, folder); },
               std::move(done));
}

}  // namespace spate::piece_store
