#include "bench/tallied_files.h"

#include <utility>

namespace spate {
namespace {

// Runs a call of the world below, and counts it.
template <typename Call>
auto passed(std::uint64_t& count, Call call) {
    const Charge charge(nullptr);
    ++count;
    return call();
}

class TalliedFile final : public io::File {
  public:
    TalliedFile(std::unique_ptr<io::File> inner, Tally& tally) : inner_(std::move(inner)), tally_(tally) {}
    ~TalliedFile() override {
        const Charge charge(nullptr);
        inner_.reset();
    }
    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) override {
        return passed(tally_.file_reads, [&] { return inner_->read_at(offset, into); });
    }
    bool read_cached(std::uint64_t offset, MutableBytes into) override {
        return passed(tally_.file_reads, [&] { return inner_->read_cached(offset, into); });
    }
    void will_need(std::uint64_t offset, std::uint64_t size) override {
        passed(tally_.file_others, [&] { inner_->will_need(offset, size); });
    }
    Result<void> write_at(std::uint64_t offset, Bytes data) override {
        return passed(tally_.file_writes, [&] { return inner_->write_at(offset, data); });
    }
    Result<std::uint64_t> size() override {
        return passed(tally_.file_others, [&] { return inner_->size(); });
    }
    Result<io::FileInfo> info() override {
        return passed(tally_.file_others, [&] { return inner_->info(); });
    }
    Result<void> resize(std::uint64_t size) override {
        return passed(tally_.file_others, [&] { return inner_->resize(size); });
    }
    Result<void> reserve(std::uint64_t size) override {
        return passed(tally_.file_others, [&] { return inner_->reserve(size); });
    }
    Result<void> sync() override {
        return passed(tally_.syncs, [&] { return inner_->sync(); });
    }

  private:
    std::unique_ptr<io::File> inner_;
    Tally& tally_;
};

class TalliedFolder final : public io::Folder {
  public:
    TalliedFolder(std::unique_ptr<io::Folder> inner, Tally& tally)
        : inner_(std::move(inner)), tally_(tally) {}
    Result<std::unique_ptr<io::File>> open(std::string_view path, io::OpenMode mode) override {
        auto file = passed(tally_.file_others, [&] { return inner_->open(path, mode); });
        if (!file) return file;
        return std::make_unique<TalliedFile>(std::move(*file), tally_);
    }
    Result<std::unique_ptr<io::Folder>> open_folder(std::string_view path) override {
        auto folder = passed(tally_.file_others, [&] { return inner_->open_folder(path); });
        if (!folder) return folder;
        return std::make_unique<TalliedFolder>(std::move(*folder), tally_);
    }
    Result<void> make_folder(std::string_view path) override {
        return passed(tally_.file_others, [&] { return inner_->make_folder(path); });
    }
    Result<io::FileInfo> info(std::string_view path) override {
        return passed(tally_.file_others, [&] { return inner_->info(path); });
    }
    Result<io::MarkedInfo> marked_info(std::string_view path) override {
        return passed(tally_.file_others, [&] { return inner_->marked_info(path); });
    }
    Result<std::vector<io::FolderItem>> list(std::string_view path) override {
        return passed(tally_.file_others, [&] { return inner_->list(path); });
    }
    Result<void> rename(std::string_view from, std::string_view to) override {
        return passed(tally_.file_others, [&] { return inner_->rename(from, to); });
    }
    Result<void> remove(std::string_view path) override {
        return passed(tally_.file_others, [&] { return inner_->remove(path); });
    }
    Result<void> make_link(std::string_view path, std::string_view target) override {
        return passed(tally_.file_others, [&] { return inner_->make_link(path, target); });
    }
    Result<std::string> read_link(std::string_view path) override {
        return passed(tally_.file_others, [&] { return inner_->read_link(path); });
    }
    Result<void> make_executable(std::string_view path) override {
        return passed(tally_.file_others, [&] { return inner_->make_executable(path); });
    }
    Result<void> sync(std::string_view path) override {
        return passed(tally_.syncs, [&] { return inner_->sync(path); });
    }
    Result<void> sync_all() override {
        return passed(tally_.syncs, [&] { return inner_->sync_all(); });
    }
    Result<std::unique_ptr<io::FolderLock>> lock(std::string_view name) override {
        return passed(tally_.file_others, [&] { return inner_->lock(name); });
    }
    std::string path() const override { return inner_->path(); }

  private:
    std::unique_ptr<io::Folder> inner_;
    Tally& tally_;
};

}  // namespace

Result<std::unique_ptr<io::Folder>> TalliedFiles::open_folder(const std::string& path,
                                                              io::IfMissing if_missing) {
    auto folder = passed(tally_.file_others, [&] { return inner_.open_folder(path, if_missing); });
    if (!folder) return folder;
    return std::make_unique<TalliedFolder>(std::move(*folder), tally_);
}

}  // namespace spate
