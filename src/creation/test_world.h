// For this module's tests: a disk in memory with folders made as files are put, a pool that runs jobs when
// told, and trees of files to put there.
#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <utility>

#include "base/rng.h"
#include "creation/create.h"
#include "creation/verify.h"
#include "io/work_pool.h"
#include "metainfo/torrent_reader.h"
#include "tests/fault_disk.h"

namespace spate::creation {

class TestPool final : public io::WorkPool {
  public:
    void submit(io::Callback job, io::Callback on_done) override {
        jobs_.emplace_back(std::move(job), std::move(on_done));
    }
    // One job and its completion, the last submitted first every other time; false when there is none.
    bool run_one() {
        if (jobs_.empty()) return false;
        auto [job, on_done] = std::move(last_first_ ? jobs_.back() : jobs_.front());
        last_first_ ? jobs_.pop_back() : jobs_.pop_front();
        last_first_ = !last_first_;
        job();
        on_done();
        return true;
    }
    void run_all() {
        while (run_one()) {
        }
    }

  private:
    std::deque<std::pair<io::Callback, io::Callback>> jobs_;
    bool last_first_ = false;
};

struct TestFile {
    std::string path;  // below the tree's root
    std::vector<std::uint8_t> bytes;
};

inline TestFile random_file(std::string path, std::size_t size, Rng& rng) {
    TestFile file{std::move(path), std::vector<std::uint8_t>(size)};
    for (std::size_t at = 0; at < size; at += 8) {
        const auto octets = rng.next();
        std::memcpy(file.bytes.data() + at, &octets, std::min<std::size_t>(8, size - at));
    }
    return file;
}

class TestWorld {
  public:
    void put(const std::string& path, std::vector<std::uint8_t> bytes) {
        for (auto slash = path.find('/', 1); slash != path.npos; slash = path.find('/', slash + 1))
            add_folder(path.substr(0, slash));
        disk.put(path, std::move(bytes));
    }
    void put_tree(const std::string& root, const std::vector<TestFile>& files) {
        add_folder(root);
        for (const auto& file : files) put(root + "/" + file.path, file.bytes);
    }
    Result<Created> create(CreateRequest request) {
        std::optional<Result<Created>> result;
        Creation creation(disk, pool, std::move(request), [&](Result<Created> r) { result = std::move(r); });
        pool.run_all();
        return std::move(result).value();
    }
    Result<Verified> verify(const std::string& torrent, const std::string& path) {
        auto read = metainfo::read_torrent(as_bytes(torrent), metainfo::CaseRule::keep);
        if (!read) return fail(read.error());
        std::optional<Result<Verified>> result;
        Verification verification(disk, pool,
                                  std::make_shared<const metainfo::Metainfo>(std::move(read).value()), path,
                                  2, [&](Result<Verified> r) { result = std::move(r); });
        pool.run_all();
        return std::move(result).value();
    }

    testing::FaultDisk disk;
    TestPool pool;

  private:
    void add_folder(const std::string& path) {
        static_cast<void>(disk.open_folder(path, io::IfMissing::make));
    }
};

}  // namespace spate::creation
