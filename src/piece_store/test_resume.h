// For this module's tests: a store with a resume database on its disk.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "piece_store/checkpoints.h"
#include "piece_store/test_world.h"

namespace spate::piece_store {

class ResumeFixture : public StoreFixture {
  protected:
    Result<void> open_database() {
        checkpoints.reset();
        database.reset();
        settle();
        database = std::make_unique<ResumeDatabase>(world);
        auto told =
            wait<ResumeDatabase::Opened>([&](auto done) { database->open("/state", std::move(done)); });
        if (!told) return fail(told.error());
        moved_aside = *told;
        return {};
    }
    template <class T, class Start>
    Result<T> wait(Start start) {
        std::optional<Result<T>> result;
        start([&](Result<T> given) { result = std::move(given); });
        settle();
        return std::move(result).value();
    }
    std::optional<ResumeRow> find(const std::string& key) {
        return wait<std::optional<ResumeRow>>([&](auto done) { database->find(key, std::move(done)); })
            .value();
    }
    std::int64_t count() {
        return wait<std::int64_t>([&](auto done) { database->count(std::move(done)); }).value();
    }
    Result<void> put(ResumeRow row) {
        return wait<void>([&](auto done) { database->put(std::move(row), std::move(done)); });
    }
    static ResumeRow row(std::string key) {
        ResumeRow row;
        row.key = std::move(key);
        row.metainfo = {1, 0, 2};
        row.magnet = "magnet:?";
        row.folder = "/data";
        row.options = "{}";
        row.downloaded = 7;
        row.uploaded = std::uint64_t{1} << 40;
        return row;
    }

    std::unique_ptr<ResumeDatabase> database;
    std::unique_ptr<Checkpoints> checkpoints;
    NoLog log;
    std::optional<Error> moved_aside;
};

}  // namespace spate::piece_store
