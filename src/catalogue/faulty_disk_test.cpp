// The service on a disk that fails at random, killed at random.
#include <gtest/gtest.h>
#include <map>

#include "base/rng.h"
#include "catalogue/catalogue_service.h"
#include "catalogue/change_queue.h"
#include "catalogue/draft_fixture.h"
#include "tests/fault_disk.h"
#include "tests/manual_world.h"

namespace spate::catalogue {
namespace {

using spate::testing::FaultDisk;

// Whatever the disk does: an answered "succ" is there after kill -9, and memory shows what the disk has.
TEST(CatalogueService, KeepsItsWordWhateverTheDiskDoes) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        Rng rng(seed);
        FaultDisk disk;
        spate::testing::ManualReactor reactor;
        NoLog log;
        Limits limits;
        limits.changes_per_batch = 3;
        std::map<std::string, std::uint64_t> promised;  // name -> size
        std::map<std::string, hash::Sha256> published;  // name -> digest of the metainfo
        std::map<std::string, std::uint64_t> last_asked;
        std::uint64_t sequence = 0;
        for (int life = 0; life < 3; ++life) {
            auto pool = std::make_unique<spate::testing::ManualPool>(reactor);
            auto opened = CatalogueService::open(reactor, *pool, disk, log, "/t", limits);
            ASSERT_TRUE(opened) << "seed " << seed << ": " << opened.error().message();
            auto service = std::move(*opened);
            for (const auto& [name, size] : promised) {
                ASSERT_NE(service->find(name), nullptr) << "seed " << seed << " " << name;
                ASSERT_EQ(service->find(name)->size, size) << "seed " << seed << " " << name;
            }
            for (const auto& [name, digest] : published) {
                const auto* entry = service->find(name);
                ASSERT_TRUE(entry != nullptr && entry->published != nullptr)
                    << "seed " << seed << " " << name;
                ASSERT_EQ(entry->published->metainfo_digest, digest) << "seed " << seed << " " << name;
                bool is_read = false;
                service->metainfo(name,
                                  [&](const Result<MetainfoBytes>& bytes) { is_read = bytes.has_value(); });
                pool->settle();
                ASSERT_TRUE(is_read) << "seed " << seed << " " << name;
            }
            disk.fault = [&](const std::string& operation, const std::string&) {
                return operation != "read" && rng.chance(1, 60) ? (rng.chance(1, 2) ? EIO : ENOSPC) : 0;
            };
            std::size_t asked = 0, answered = 0;
            for (int step = 0; step < 200; ++step) {
                const auto name = "n" + std::to_string(rng.below(40));
                const auto size = 100 + rng.below(100);
                if (rng.chance(1, 4)) {
                    ++asked;
                    const auto content = static_cast<char>('a' + rng.below(4));
                    const auto publication = publication_of("p" + name, content, 1, ++sequence);
                    published.erase(publication.name);  // until the last is answered, all are right
                    last_asked[publication.name] = sequence;
                    service->publish(
                        publication, Address::loopback(), [&, publication](const Outcome& outcome) {
                            ++answered;
                            const bool is_last = last_asked[publication.name] == publication.sequence;
                            if (outcome.answer == Answer::succ && is_last)
                                published[publication.name] = publication.metainfo_digest;
                        });
                } else if (rng.chance(1, 2)) {
                    ++asked;
                    service->create({name, size, "", "0", false, "h", 1}, Address::loopback(),
                                    Verification::verified, [&, name, size](const Outcome& outcome) {
                                        ++answered;
                                        if (outcome.answer == Answer::succ) promised[name] = size;
                                        if (outcome.answer != Answer::ferr) return;
                                        EXPECT_NE(service->find(name), nullptr);
                                    });
                } else {
                    ++asked;
                    service->update({name, 0, 50, "h", static_cast<std::uint16_t>(1 + rng.below(5))},
                                    [&](const Outcome&) { ++answered; });
                }
                if (rng.chance(1, 3)) pool->run_job();
                if (rng.chance(1, 3)) reactor.run_posted();
                if (rng.chance(1, 10)) reactor.advance(std::chrono::milliseconds(rng.below(2000)));
            }
            if (rng.chance(1, 2)) {
                disk.fault = {};
                reactor.advance(ChangeQueue::rest_max);
                pool->settle();
                EXPECT_EQ(answered, asked) << "seed " << seed;
            }
            // The process is gone in the middle of it: nothing it still does reaches the disk.
            disk.fault = [](const std::string&, const std::string&) { return EIO; };
            service.reset();
            pool.reset();
            reactor.run_posted();
            disk.fault = {};
            disk.kill_process();
        }
    }
}

}  // namespace
}  // namespace spate::catalogue
