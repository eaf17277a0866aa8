// Files and folders as everybody may use them: io/files.h.
#include <array>
#include <gmock/gmock.h>

#include "tests/io_conformance/disk_cases.h"

namespace spate::io {

void FilesConformance::SetUp() {
    scratch_ = under_test_->scratch_folder();
    auto folder = world().files.open_folder(scratch_, IfMissing::fail);
    ASSERT_TRUE(folder) << folder.error().message();
    folder_ = std::move(*folder);
}

void FilesConformance::put(std::string_view path, std::string_view content) {
    auto file = folder_->open(path, OpenMode::create_empty);
    ASSERT_TRUE(file) << file.error().message();
    const auto written = (*file)->write_at(0, as_bytes(content));
    ASSERT_TRUE(written) << written.error().message();
}

std::string FilesConformance::get(std::string_view path) {
    auto file = folder_->open(path, OpenMode::read);
    if (!file) return file.error().message();
    std::string content((*file)->size().value(), '\0');
    const auto got = (*file)->read_at(0, {reinterpret_cast<std::uint8_t*>(content.data()), content.size()});
    EXPECT_EQ(got.value(), content.size());
    return content;
}

namespace {
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> names(const Result<std::vector<FolderItem>>& items) {
    std::vector<std::string> result;
    for (const auto& item : items.value()) result.push_back(item.name);
    return result;
}

TEST_P(FilesConformance, PathsOutsideTheRuleAreRefusedByEveryCall) {
    const std::string long_name(256, 'n');
    for (const std::string& path :
         {std::string(), std::string("/etc"), std::string("a//b"), std::string("a/"), std::string("."),
          std::string("./a"), std::string("a/.."), std::string("../a"), std::string("a/../b"),
          std::string("a\0b", 3), long_name, std::string(5'000, 'a')}) {
        SCOPED_TRACE(path);
        const auto refused = [](const auto& result) {
            return !result && result.error().is(std::errc::invalid_argument);
        };
        EXPECT_TRUE(refused(folder_->open(path, OpenMode::create)));
        EXPECT_TRUE(refused(folder_->open_folder(path)));
        EXPECT_TRUE(refused(folder_->make_folder(path)));
        EXPECT_TRUE(refused(folder_->info(path)));
        EXPECT_TRUE(refused(folder_->marked_info(path)));
        EXPECT_TRUE(refused(folder_->rename(path, "to")));
        EXPECT_TRUE(refused(folder_->rename("from", path)));
        EXPECT_TRUE(refused(folder_->remove(path)));
        EXPECT_TRUE(refused(folder_->lock(path)));
        EXPECT_TRUE(refused(folder_->make_link(path, "target")));
        EXPECT_TRUE(refused(folder_->read_link(path)));
        EXPECT_TRUE(refused(folder_->make_executable(path)));
        if (path.empty()) continue;
        EXPECT_TRUE(refused(folder_->list(path)));
        EXPECT_TRUE(refused(folder_->sync(path)));
    }
    EXPECT_TRUE(folder_->list("").value().empty());
}

TEST_P(FilesConformance, NamesOfTheWorstKindAreNames) {
    for (const std::string& name : {std::string("..."), std::string(".a"), std::string(" "),
                                    std::string("\n\x1b\xff"), std::string("a\\b"), std::string(255, 'n')}) {
        put(name, name);
        EXPECT_EQ(get(name), name);
    }
    EXPECT_EQ(folder_->list("").value().size(), 6u);
}

TEST_P(FilesConformance, EachModeAsksForWhatItSays) {
    EXPECT_TRUE(folder_->open("new", OpenMode::read).error().is(std::errc::no_such_file_or_directory));
    EXPECT_TRUE(folder_->open("new", OpenMode::write).error().is(std::errc::no_such_file_or_directory));
    EXPECT_TRUE(folder_->open("new", OpenMode::create_new));
    EXPECT_TRUE(folder_->open("new", OpenMode::create_new).error().is(std::errc::file_exists));
    put("new", "content");
    EXPECT_TRUE(folder_->open("new", OpenMode::create));
    EXPECT_TRUE(folder_->open("new", OpenMode::write));
    EXPECT_EQ(get("new"), "content");
    EXPECT_TRUE(folder_->open("new", OpenMode::create_empty));
    EXPECT_EQ(get("new"), "");
    EXPECT_TRUE(folder_->open("secret", OpenMode::create_secret));
    EXPECT_TRUE(folder_->open("secret", OpenMode::create_secret).error().is(std::errc::file_exists));
    EXPECT_TRUE(folder_->open("other", OpenMode::create));
    EXPECT_EQ(get("other"), "");
}

TEST_P(FilesConformance, WritableModesAlsoRead) {
    for (const OpenMode mode :
         {OpenMode::create_new, OpenMode::write, OpenMode::create, OpenMode::create_empty}) {
        auto file = folder_->open("f", mode).value();
        ASSERT_TRUE(file->write_at(0, as_bytes("abc")));
        std::array<std::uint8_t, 3> buffer{};
        EXPECT_EQ(file->read_at(0, buffer).value(), 3u);
        EXPECT_EQ(as_text(buffer), "abc");
    }
}

TEST_P(FilesConformance, AFileOpenForReadingCannotBeWritten) {
    put("f", "abc");
    auto file = folder_->open("f", OpenMode::read).value();
    EXPECT_FALSE(file->write_at(0, as_bytes("x")));
    EXPECT_FALSE(file->resize(0));
    EXPECT_EQ(get("f"), "abc");
}

TEST_P(FilesConformance, ReadsAreShortAtTheEndOnly) {
    put("f", "0123456789");
    auto file = folder_->open("f", OpenMode::read).value();
    std::array<std::uint8_t, 4> buffer{};
    EXPECT_EQ(file->read_at(0, buffer).value(), 4u);
    EXPECT_EQ(as_text(buffer), "0123");
    EXPECT_EQ(file->read_at(8, buffer).value(), 2u);
    EXPECT_EQ(as_text(Bytes(buffer).first(2)), "89");
    EXPECT_EQ(file->read_at(10, buffer).value(), 0u);
    EXPECT_EQ(file->read_at(1'000'000, buffer).value(), 0u);
    EXPECT_EQ(file->read_at(0, {}).value(), 0u);
}

// Whether it is, is the system's affair; never is it a part, or something else.
TEST_P(FilesConformance, WhatMemoryHoldsIsAllOfItOrNothing) {
    put("f", "0123456789");
    auto file = folder_->open("f", OpenMode::read).value();
    std::array<std::uint8_t, 4> buffer{};
    for (int round = 0; round < 10; ++round) {
        buffer.fill('-');
        const bool held = file->read_cached(3, buffer);
        EXPECT_TRUE(!held || as_text(buffer) == "3456") << as_text(buffer);
        EXPECT_FALSE(file->read_cached(8, buffer)) << "beyond the end";
        EXPECT_FALSE(file->read_cached(1'000'000, buffer));
        EXPECT_EQ(file->read_at(3, buffer).value(), 4u);
    }
}

TEST_P(FilesConformance, WritesBeyondTheEndLeaveZerosBetween) {
    auto file = folder_->open("f", OpenMode::create).value();
    ASSERT_TRUE(file->write_at(3, as_bytes("d")));
    ASSERT_TRUE(file->write_at(1, as_bytes("b")));
    EXPECT_EQ(file->size().value(), 4u);
    EXPECT_EQ(get("f"), std::string("\0b\0d", 4));
    ASSERT_TRUE(file->write_at(100, {}));
    EXPECT_EQ(file->size().value(), 4u);
}

TEST_P(FilesConformance, BigBlocksAreWrittenAndReadWhole) {
    std::string content(1'500'000, ' ');
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 31 + i / 4096);
    put("big", content);
    EXPECT_TRUE(get("big") == content);
}

TEST_P(FilesConformance, ResizeCutsAndFillsWithZeros) {
    put("f", "abcdef");
    auto file = folder_->open("f", OpenMode::write).value();
    ASSERT_TRUE(file->resize(2));
    EXPECT_EQ(get("f"), "ab");
    ASSERT_TRUE(file->resize(4));
    EXPECT_EQ(get("f"), std::string("ab\0\0", 4));
    EXPECT_TRUE(file->sync());
}

TEST_P(FilesConformance, InfoTellsKindSizeAndTime) {
    put("f", "12345");
    ASSERT_TRUE(folder_->make_folder("d"));
    const auto file = folder_->info("f").value();
    EXPECT_EQ(file.kind, FileKind::file);
    EXPECT_EQ(file.size, 5u);
    EXPECT_LE(std::abs(file.modified.unix_seconds - reactor().wall_now().unix_seconds), 60);
    EXPECT_EQ(folder_->info("d").value().kind, FileKind::folder);
    EXPECT_TRUE(folder_->info("nothing").error().is(std::errc::no_such_file_or_directory));
}

TEST_P(FilesConformance, AnOpenFileTellsTheSameAsItsPath) {
    put("f", "12345");
    auto file = folder_->open("f", OpenMode::write).value();
    EXPECT_EQ(file->info().value(), folder_->info("f").value());
    ASSERT_TRUE(file->write_at(5, as_bytes("6")));
    EXPECT_EQ(file->info().value(), folder_->info("f").value());
    EXPECT_EQ(file->info().value().size, 6u);
    ASSERT_TRUE(folder_->rename("f", "g"));
    EXPECT_EQ(file->info().value(), folder_->info("g").value());
}

TEST_P(FilesConformance, AMarkIsUnknownOrAnotherAfterAChange) {
    put("f", "12345");
    const auto before = folder_->marked_info("f").value();
    EXPECT_EQ(static_cast<const FileInfo&>(before), folder_->info("f").value());
    EXPECT_FALSE(before.mark.has_other_names);
    EXPECT_EQ(folder_->marked_info("f").value().mark, before.mark);
    bool done = false;  // two changes of one moment may look the same
    const auto timer = reactor().make_timer([&] { done = true; });
    timer->arm(reactor().now() + std::chrono::milliseconds(50));
    ASSERT_TRUE(run_until([&] { return done; }));
    ASSERT_TRUE(folder_->open("f", OpenMode::write).value()->write_at(0, as_bytes("x")));
    const auto after = folder_->marked_info("f").value();
    EXPECT_EQ(after.size, before.size);
    EXPECT_TRUE(before.mark.change == 0 ? after.mark.change == 0 : after.mark.change != before.mark.change);
    EXPECT_TRUE(folder_->marked_info("nothing").error().is(std::errc::no_such_file_or_directory));
    ASSERT_TRUE(folder_->make_folder("d"));
    EXPECT_EQ(folder_->marked_info("d").value().kind, FileKind::folder);
}

TEST_P(FilesConformance, AHintChangesNothing) {
    put("f", "0123456789");
    auto file = folder_->open("f", OpenMode::read).value();
    const auto before = file->info().value();
    file->will_need(0, 10);
    file->will_need(3, std::uint64_t{1} << 20);
    file->will_need(std::uint64_t{1} << 40, 0);
    file->will_need(10, 1);
    EXPECT_EQ(file->info().value(), before);
    EXPECT_EQ(get("f"), "0123456789");
}

TEST_P(FilesConformance, ReservedRoomIsZerosAndNothingIsCut) {
    put("f", "abc");
    auto file = folder_->open("f", OpenMode::write).value();
    ASSERT_TRUE(file->reserve(5));
    EXPECT_EQ(get("f"), std::string("abc\0\0", 5));
    ASSERT_TRUE(file->reserve(2));
    EXPECT_EQ(file->size().value(), 5u);
    EXPECT_FALSE(folder_->open("f", OpenMode::read).value()->reserve(10));
}

TEST_P(FilesConformance, ErrorsNameOperationAndPath) {
    const auto error = folder_->open("no/such", OpenMode::read).error();
    EXPECT_FALSE(error.operation.empty());
    EXPECT_THAT(error.object, HasSubstr("no/such"));
}

TEST_P(FilesConformance, FoldersAreMadeWithThoseAboveThem) {
    ASSERT_TRUE(folder_->make_folder("a/b/c"));
    ASSERT_TRUE(folder_->make_folder("a/b/c"));
    ASSERT_TRUE(folder_->make_folder("a/b/d"));
    EXPECT_THAT(names(folder_->list("a/b")), ElementsAre("c", "d"));
    put("f", "");
    EXPECT_FALSE(folder_->make_folder("f"));
    EXPECT_FALSE(folder_->make_folder("f/g"));
    EXPECT_EQ(folder_->info("f").value().kind, FileKind::file);
}

TEST_P(FilesConformance, AFolderIsNoFileAndTheReverse) {
    ASSERT_TRUE(folder_->make_folder("d"));
    put("f", "x");
    for (const OpenMode mode : {OpenMode::read, OpenMode::write, OpenMode::create, OpenMode::create_empty}) {
        EXPECT_TRUE(folder_->open("d", mode).error().is(std::errc::is_a_directory));
    }
    EXPECT_TRUE(folder_->open("d", OpenMode::create_new).error().is(std::errc::file_exists));
    EXPECT_TRUE(folder_->open_folder("f").error().is(std::errc::not_a_directory));
    EXPECT_TRUE(folder_->list("f").error().is(std::errc::not_a_directory));
    EXPECT_TRUE(folder_->open("f/x", OpenMode::create).error().is(std::errc::not_a_directory));
    EXPECT_TRUE(folder_->open("no/x", OpenMode::create).error().is(std::errc::no_such_file_or_directory));
}

TEST_P(FilesConformance, AFolderInsideIsAFolder) {
    ASSERT_TRUE(folder_->make_folder("d"));
    const auto inner = folder_->open_folder("d").value();
    ASSERT_TRUE(inner->open("f", OpenMode::create_new));
    EXPECT_EQ(folder_->info("d/f").value().kind, FileKind::file);
    EXPECT_THAT(inner->path(), HasSubstr("d"));
}

TEST_P(FilesConformance, ListIsSortedAndTellsKinds) {
    put("b", "");
    put("a", "");
    put("C", "");
    ASSERT_TRUE(folder_->make_folder("aa/deep"));
    const auto items = folder_->list("").value();
    EXPECT_THAT(names(items), ElementsAre("C", "a", "aa", "b"));
    EXPECT_EQ(items[1].kind, FileKind::file);
    EXPECT_EQ(items[2].kind, FileKind::folder);
    EXPECT_THAT(names(folder_->list("aa")), ElementsAre("deep"));
    EXPECT_TRUE(folder_->list("no").error().is(std::errc::no_such_file_or_directory));
}

TEST_P(FilesConformance, RenameMovesAndReplaces) {
    put("from", "new");
    put("to", "old");
    auto open_old = folder_->open("to", OpenMode::read).value();
    ASSERT_TRUE(folder_->rename("from", "to"));
    EXPECT_THAT(names(folder_->list("")), ElementsAre("to"));
    EXPECT_EQ(get("to"), "new");
    std::array<std::uint8_t, 3> buffer{};
    EXPECT_EQ(open_old->read_at(0, buffer).value(), 3u);  // who had it open still reads it
    EXPECT_EQ(as_text(buffer), "old");
    ASSERT_TRUE(folder_->make_folder("d"));
    ASSERT_TRUE(folder_->rename("to", "d/there"));
    EXPECT_EQ(get("d/there"), "new");
    EXPECT_TRUE(folder_->rename("to", "x").error().is(std::errc::no_such_file_or_directory));
    EXPECT_TRUE(folder_->rename("d/there", "no/x").error().is(std::errc::no_such_file_or_directory));
}

TEST_P(FilesConformance, RemoveTakesFilesAndEmptyFolders) {
    put("f", "abc");
    ASSERT_TRUE(folder_->make_folder("d/e"));
    auto open_file = folder_->open("f", OpenMode::read).value();
    EXPECT_TRUE(folder_->remove("f"));
    EXPECT_EQ(open_file->size().value(), 3u);
    EXPECT_TRUE(folder_->remove("d").error().is(std::errc::directory_not_empty));
    EXPECT_TRUE(folder_->remove("d/e"));
    EXPECT_TRUE(folder_->remove("d"));
    EXPECT_TRUE(folder_->remove("d").error().is(std::errc::no_such_file_or_directory));
    EXPECT_TRUE(folder_->list("").value().empty());
}

TEST_P(FilesConformance, FilesAndFoldersCanBeSynced) {
    put("f", "abc");
    ASSERT_TRUE(folder_->make_folder("d"));
    EXPECT_TRUE(folder_->open("f", OpenMode::write).value()->sync());
    EXPECT_TRUE(folder_->sync(""));
    EXPECT_TRUE(folder_->sync("d"));
    EXPECT_TRUE(folder_->sync("no").error().is(std::errc::no_such_file_or_directory));
    const auto all = folder_->sync_all();
    EXPECT_TRUE(all || all.error().is(std::errc::operation_not_supported)) << all.error().message();
}

TEST_P(FilesConformance, ALockHasOneHolder) {
    auto held = folder_->lock("lock");
    ASSERT_TRUE(held) << held.error().message();
    EXPECT_TRUE(folder_->lock("lock").error().is(std::errc::device_or_resource_busy));
    const auto again = world().files.open_folder(scratch_, IfMissing::fail).value();
    EXPECT_TRUE(again->lock("lock").error().is(std::errc::device_or_resource_busy));
    EXPECT_TRUE(folder_->lock("another"));
    held->reset();
    EXPECT_TRUE(again->lock("lock"));
    EXPECT_EQ(folder_->info("lock").value().kind, FileKind::file);
}

TEST_P(FilesConformance, OpenFolderMakesWhatIsMissingWhenAsked) {
    const std::string path = scratch_ + "/made/deep";
    EXPECT_TRUE(
        world().files.open_folder(path, IfMissing::fail).error().is(std::errc::no_such_file_or_directory));
    EXPECT_TRUE(world().files.open_folder(path, IfMissing::make));
    EXPECT_TRUE(world().files.open_folder(path, IfMissing::make));
    EXPECT_EQ(folder_->info("made/deep").value().kind, FileKind::folder);
    put("f", "");
    EXPECT_TRUE(
        world().files.open_folder(scratch_ + "/f", IfMissing::make).error().is(std::errc::not_a_directory));
    EXPECT_FALSE(world().files.open_folder("", IfMissing::make));
}

TEST_P(FilesConformance, WorksFromAPoolJob) {
    std::string got;
    bool done = false;
    world().pool.submit(
        [&] {
            put("f", "from a job");
            got = get("f");
        },
        [&] { done = true; });
    ASSERT_TRUE(run_until([&] { return done; }));
    EXPECT_EQ(got, "from a job");
}

}  // namespace
}  // namespace spate::io
