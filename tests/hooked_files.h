// HookedFiles: a real disk whose reads and writes can be made slow or failing. Thread: any, as io::Files.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "io/files.h"

namespace spate::testing {

class HookedFiles final : public io::Files {
  public:
    // Called before each; an errno fails it. May wait. Bytes: of the read or write, 0 for the others.
    enum class Call { read, write, sync };
    using Hook = std::function<int(Call, const std::string& path, std::size_t bytes)>;

    HookedFiles(io::Files& real, Hook hook) : real_(real), hook_(std::make_shared<Hook>(std::move(hook))) {}

    Result<std::unique_ptr<io::Folder>> open_folder(const std::string& path,
                                                    io::IfMissing if_missing) override {
        auto folder = real_.open_folder(path, if_missing);
        if (!folder) return folder;
        return std::make_unique<HookedFolder>(std::move(*folder), hook_);
    }

  private:
    static Result<void> ask(const Hook& hook, Call call, const std::string& path, std::size_t bytes) {
        const int error = hook(call, path, bytes);
        if (error == 0) return {};
        const char* const name = call == Call::read ? "read" : call == Call::write ? "write" : "sync";
        return fail(Error::system(error, name, path));
    }

    class HookedFile final : public io::File {
      public:
        HookedFile(std::unique_ptr<io::File> real, std::string path, std::shared_ptr<Hook> hook)
            : real_(std::move(real)), path_(std::move(path)), hook_(std::move(hook)) {}
        Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) override {
            if (auto good = ask(*hook_, Call::read, path_, into.size()); !good) return fail(good.error());
            return real_->read_at(offset, into);
        }
        void will_need(std::uint64_t offset, std::uint64_t size) override { real_->will_need(offset, size); }
        Result<void> write_at(std::uint64_t offset, Bytes data) override {
            if (auto good = ask(*hook_, Call::write, path_, data.size()); !good) return good;
            return real_->write_at(offset, data);
        }
        Result<void> sync() override {
            if (auto good = ask(*hook_, Call::sync, path_, 0); !good) return good;
            return real_->sync();
        }
        Result<std::uint64_t> size() override { return real_->size(); }
        Result<io::FileInfo> info() override { return real_->info(); }
        Result<void> resize(std::uint64_t size) override { return real_->resize(size); }
        Result<void> reserve(std::uint64_t size) override { return real_->reserve(size); }

      private:
        std::unique_ptr<io::File> real_;
        std::string path_;
        std::shared_ptr<Hook> hook_;
    };

    class HookedFolder final : public io::Folder {
      public:
        HookedFolder(std::unique_ptr<io::Folder> real, std::shared_ptr<Hook> hook)
            : real_(std::move(real)), hook_(std::move(hook)) {}
        Result<std::unique_ptr<io::File>> open(std::string_view path, io::OpenMode mode) override {
            auto file = real_->open(path, mode);
            if (!file) return file;
            return std::make_unique<HookedFile>(std::move(*file), real_->path() + "/" + std::string(path),
                                                hook_);
        }
        Result<std::unique_ptr<io::Folder>> open_folder(std::string_view path) override {
            auto folder = real_->open_folder(path);
            if (!folder) return folder;
            return std::make_unique<HookedFolder>(std::move(*folder), hook_);
        }
        Result<void> make_folder(std::string_view path) override { return real_->make_folder(path); }
        Result<io::FileInfo> info(std::string_view path) override { return real_->info(path); }
        Result<io::MarkedInfo> marked_info(std::string_view path) override {
            return real_->marked_info(path);
        }
        Result<std::vector<io::FolderItem>> list(std::string_view path) override { return real_->list(path); }
        Result<void> rename(std::string_view from, std::string_view to) override {
            return real_->rename(from, to);
        }
        Result<void> remove(std::string_view path) override { return real_->remove(path); }
        Result<void> make_link(std::string_view path, std::string_view target) override {
            return real_->make_link(path, target);
        }
        Result<std::string> read_link(std::string_view path) override { return real_->read_link(path); }
        Result<void> make_executable(std::string_view path) override { return real_->make_executable(path); }
        Result<void> sync(std::string_view path) override { return real_->sync(path); }
        Result<void> sync_all() override {
            if (auto good = ask(*hook_, Call::sync, real_->path(), 0); !good) return good;
            return real_->sync_all();
        }
        Result<std::unique_ptr<io::FolderLock>> lock(std::string_view name) override {
            return real_->lock(name);
        }
        std::string path() const override { return real_->path(); }

      private:
        std::unique_ptr<io::Folder> real_;
        std::shared_ptr<Hook> hook_;
    };

    io::Files& real_;
    std::shared_ptr<Hook> hook_;
};

}  // namespace spate::testing
