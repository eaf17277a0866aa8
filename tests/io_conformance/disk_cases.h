// What the disk cases share: an open scratch folder and short ways to write and read whole files.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>

#include "tests/io_conformance/world_under_test.h"

namespace spate::io {

class FilesConformance : public Conformance {
  protected:
    void SetUp() override;
    void put(std::string_view path, std::string_view content);
    std::string get(std::string_view path);

    std::string scratch_;
    std::unique_ptr<Folder> folder_;
};

class OutsideConformance : public FilesConformance {};

}  // namespace spate::io
