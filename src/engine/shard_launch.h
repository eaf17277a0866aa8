// ShardLaunch: how the shards of a program begin. The resume database that they share is opened; then one
// after the other listens, so that each takes the first port that is free. When none is left, fewer shards
// are used, and the parts of the others in the ledgers are theirs. Owner: Shards, for as long as it has
// shards: the database is theirs. Thread: the owner's.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/shard.h"
#include "piece_store/resume_database.h"

namespace spate::engine {

class ShardLaunch {
  public:
    // The ports, one a shard that is used (0: it does not listen).
    using Done = std::move_only_function<void(Result<std::vector<std::uint16_t>>)>;

    // Everything given outlives it.
    ShardLaunch(io::World& world, const SessionOptions& options, SessionLedgers& ledgers, Log& log)
        : world_(world), options_(options), ledgers_(ledgers), log_(log) {}
    ShardLaunch(const ShardLaunch&) = delete;
    ShardLaunch& operator=(const ShardLaunch&) = delete;

    // Once. shards: outlive what they call back.
    void start(const std::vector<std::unique_ptr<Shard>>& shards, Done done);

  private:
    void start_next();
    void on_port(Result<std::uint16_t> port);
    void use_fewer(bool last_began);

    io::World& world_;
    SessionOptions options_;
    SessionLedgers& ledgers_;
    Log& log_;
    const std::vector<std::unique_ptr<Shard>>* shards_ = nullptr;
    std::unique_ptr<piece_store::ResumeDatabase> resume_;  // of several shards
    std::vector<std::uint16_t> ports_;
    Done done_;
};

}  // namespace spate::engine
