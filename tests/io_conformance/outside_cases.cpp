// What the disk's other users can do to us: links, pipes, a folder that is moved. io/files.h.
#include <gmock/gmock.h>

#include "tests/io_conformance/disk_cases.h"

namespace spate::io {
namespace {

bool is_loop(const auto& result) {
    return !result && result.error().is(std::errc::too_many_symbolic_link_levels);
}

TEST_P(OutsideConformance, LinksAreNeverFollowed) {
    put("file", "secret");
    ASSERT_TRUE(folder_->make_folder("folder"));
    put("folder/inner", "secret");
    under_test_->make_link(scratch_ + "/to_file", "file");
    under_test_->make_link(scratch_ + "/to_folder", "folder");
    under_test_->make_link(scratch_ + "/to_absolute", scratch_ + "/file");
    under_test_->make_link(scratch_ + "/to_nothing", "nothing");
    for (const char* link : {"to_file", "to_absolute", "to_nothing", "to_folder"}) {
        SCOPED_TRACE(link);
        for (const auto mode : {OpenMode::read, OpenMode::write, OpenMode::create, OpenMode::create_empty}) {
            EXPECT_TRUE(is_loop(folder_->open(link, mode)));
        }
        EXPECT_TRUE(folder_->open(link, OpenMode::create_new).error().is(std::errc::file_exists));
        EXPECT_TRUE(is_loop(folder_->lock(link)));
        EXPECT_TRUE(is_loop(folder_->open_folder(link)));
        EXPECT_TRUE(is_loop(folder_->make_folder(link)));
        EXPECT_TRUE(is_loop(folder_->list(link)));
        EXPECT_TRUE(is_loop(folder_->sync(link)));
    }
    EXPECT_EQ(get("file"), "secret");
    EXPECT_FALSE(folder_->info("nothing"));
}

TEST_P(OutsideConformance, NorInTheMiddleOfAPath) {
    ASSERT_TRUE(folder_->make_folder("folder/deep"));
    put("folder/deep/inner", "secret");
    put("mine", "mine");
    under_test_->make_link(scratch_ + "/link", "folder");
    for (const char* path : {"link/deep/inner", "link/deep"}) {
        SCOPED_TRACE(path);
        EXPECT_TRUE(is_loop(folder_->open(path, OpenMode::create)));
        EXPECT_TRUE(is_loop(folder_->info(path)));
        EXPECT_TRUE(is_loop(folder_->remove(path)));
        EXPECT_TRUE(is_loop(folder_->rename(path, "here")));
        EXPECT_TRUE(is_loop(folder_->rename("mine", path)));
        EXPECT_TRUE(is_loop(folder_->make_folder(path)));
        EXPECT_TRUE(is_loop(folder_->list(path)));
    }
    EXPECT_EQ(get("folder/deep/inner"), "secret");
}

TEST_P(OutsideConformance, ALinkItselfIsSomethingElseAndCanBeRemovedOrRenamed) {
    put("file", "x");
    under_test_->make_link(scratch_ + "/link", "file");
    EXPECT_EQ(folder_->info("link").value().kind, FileKind::other);
    EXPECT_EQ(folder_->list("").value().at(1).kind, FileKind::other);
    ASSERT_TRUE(folder_->rename("link", "renamed"));
    EXPECT_EQ(folder_->info("renamed").value().kind, FileKind::other);
    ASSERT_TRUE(folder_->remove("renamed"));
    EXPECT_EQ(get("file"), "x");
}

TEST_P(OutsideConformance, ALinkThatIsMadeSaysWhatItWasTold) {
    ASSERT_TRUE(folder_->make_folder("folder"));
    put("file", "x");
    ASSERT_TRUE(folder_->make_link("folder/link", "../file"));
    EXPECT_EQ(folder_->read_link("folder/link").value(), "../file");
    EXPECT_EQ(folder_->info("folder/link").value().kind, FileKind::other);
    EXPECT_TRUE(folder_->make_link("folder/link", "elsewhere").error().is(std::errc::file_exists));
    EXPECT_TRUE(folder_->make_link("file", "elsewhere").error().is(std::errc::file_exists));
    EXPECT_TRUE(folder_->make_link("nowhere/link", "x").error().is(std::errc::no_such_file_or_directory));
    EXPECT_TRUE(folder_->read_link("file").error().is(std::errc::invalid_argument));
    EXPECT_TRUE(folder_->read_link("nothing").error().is(std::errc::no_such_file_or_directory));
    EXPECT_TRUE(is_loop(folder_->open("folder/link", OpenMode::write)));
    under_test_->make_link(scratch_ + "/way", "folder");
    EXPECT_TRUE(is_loop(folder_->make_link("way/link", "x")));
    EXPECT_TRUE(is_loop(folder_->read_link("way/link")));
}

TEST_P(OutsideConformance, OnlyAFileIsMadeExecutable) {
    put("file", "x");
    ASSERT_TRUE(folder_->make_folder("folder"));
    ASSERT_TRUE(folder_->make_link("link", "file"));
    EXPECT_TRUE(folder_->make_executable("file"));
    EXPECT_FALSE(folder_->make_executable("folder"));
    EXPECT_TRUE(is_loop(folder_->make_executable("link")));
    EXPECT_TRUE(folder_->make_executable("nothing").error().is(std::errc::no_such_file_or_directory));
    EXPECT_EQ(get("file"), "x");
}

TEST_P(OutsideConformance, RenameReplacesALinkNotItsTarget) {
    put("target", "kept");
    put("new", "new");
    under_test_->make_link(scratch_ + "/link", "target");
    ASSERT_TRUE(folder_->rename("new", "link"));
    EXPECT_EQ(get("link"), "new");
    EXPECT_EQ(get("target"), "kept");
}

TEST_P(OutsideConformance, LinksInThePathTheUserNamedAreFollowed) {
    put("file", "seen");
    under_test_->make_link(scratch_ + "_link", scratch_);
    const auto folder = world().files.open_folder(scratch_ + "_link", IfMissing::fail);
    ASSERT_TRUE(folder) << folder.error().message();
    EXPECT_TRUE((*folder)->open("file", OpenMode::read));
}

TEST_P(OutsideConformance, APipeIsRefusedWithoutWaiting) {
    under_test_->make_pipe(scratch_ + "/pipe");
    for (const auto mode : {OpenMode::read, OpenMode::write, OpenMode::create, OpenMode::create_empty}) {
        EXPECT_TRUE(folder_->open("pipe", mode).error().is(std::errc::invalid_argument));
    }
    EXPECT_EQ(folder_->info("pipe").value().kind, FileKind::other);
    EXPECT_EQ(folder_->list("").value().at(0).kind, FileKind::other);
}

TEST_P(OutsideConformance, TheHandleStaysOnItsFolderWhenThatIsMoved) {
    put("before", "1");
    under_test_->move_folder(scratch_, scratch_ + "_moved");
    ASSERT_TRUE(world().files.open_folder(scratch_, IfMissing::make));  // another folder of the old name
    put("after", "2");
    EXPECT_EQ(get("before"), "1");
    const auto moved = world().files.open_folder(scratch_ + "_moved", IfMissing::fail);
    ASSERT_TRUE(moved) << moved.error().message();
    EXPECT_EQ((*moved)->list("").value().size(), 2u);
}

}  // namespace
}  // namespace spate::io
