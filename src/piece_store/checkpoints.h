// Checkpoints: brings the progress of piece stores into the resume database: every `interval` those stores
// that changed sync their files, then one transaction claims what is on disk. So kill -9 loses at most the
// last moments, and a power cut leaves no false claim. A round goes on without those whose disk takes longer
// than `patience`; what they synced is saved when they are ready. Owner: Session. Thread: the reactor's.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/log.h"
#include "io/world.h"
#include "piece_store/piece_store.h"
#include "piece_store/resume_database.h"

namespace spate::piece_store {

class Checkpoints {
  public:
    static constexpr Duration interval = std::chrono::seconds(2);
    static constexpr Duration patience = std::chrono::seconds(5);

    struct Totals {
        std::uint64_t downloaded = 0;
        std::uint64_t uploaded = 0;
    };

    Checkpoints(io::World& world, ResumeDatabase& database, Log& log);
    ~Checkpoints();
    Checkpoints(const Checkpoints&) = delete;
    Checkpoints& operator=(const Checkpoints&) = delete;

    // The row `key` is in the database. totals: asked at each save.
    void add(PieceStore& store, std::string key, std::move_only_function<Totals()> totals);
    // Before the store is destroyed. Flushes of it alone are dropped.
    void remove(PieceStore& store);
    // Syncs and saves what changed of that store, or of all, now; then `done`, with the first error that it
    // met. Until it is done nothing is written to those stores any more.
    void flush(PieceStore& store, std::move_only_function<void(Result<void>)> done);
    void flush_all(std::move_only_function<void(Result<void>)> done);

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace spate::piece_store
