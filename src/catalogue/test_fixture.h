// For tests: a CatalogueService on a disk, a clock and a pool that the test drives. Private to the module's
// tests.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "catalogue/catalogue_service.h"
#include "tests/fault_disk.h"
#include "tests/manual_world.h"

namespace spate::catalogue {

struct ServiceFixture : ::testing::Test {
    spate::testing::FaultDisk disk;
    spate::testing::ManualReactor reactor;
    spate::testing::ManualPool pool{reactor};
    NoLog log;
    Limits limits;
    std::unique_ptr<CatalogueService> service;
    std::vector<Outcome> outcomes;

    void SetUp() override { reopen(); }
    void reopen() {
        service.reset();
        pool.settle();  // jobs of the old one, which hold the lock
        auto opened = CatalogueService::open(reactor, pool, disk, log, "/t", limits);
        ASSERT_TRUE(opened) << opened.error().message();
        service = std::move(*opened);
    }
    OnDone note() {
        return [this](const Outcome& outcome) { outcomes.push_back(outcome); };
    }
    void create(const std::string& name, std::uint64_t size = 1000) {
        service->create({name, size, "words", std::string(32, 'a'), true, "127.0.0.1", 6361},
                        Address::loopback(), Verification::verified, note());
    }
    void update(const std::string& name, std::uint64_t start, std::uint64_t end, std::uint16_t port = 6361) {
        service->update({name, start, end, "127.0.0.1", port}, note());
    }
    std::vector<Answer> answers() {
        std::vector<Answer> all;
        for (const auto& outcome : std::exchange(outcomes, {})) all.push_back(outcome.answer);
        return all;
    }
    void no_space() {
        disk.fault = [](const std::string& operation, const std::string&) {
            return operation == "write" ? ENOSPC : 0;
        };
    }
    std::string file(const std::string& name) { return std::string(as_text(disk.content("/t/" + name))); }
};

}  // namespace spate::catalogue
