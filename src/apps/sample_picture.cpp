#include "apps/sample_picture.h"

// The assembler copies the file; SPATE_SAMPLE_PICTURE is its path, from CMake.
asm(".section .rodata\n"
    ".global spate_sample_picture_begin\n"
    ".global spate_sample_picture_end\n"
    "spate_sample_picture_begin:\n"
    ".incbin \"" SPATE_SAMPLE_PICTURE
    "\"\n"
    "spate_sample_picture_end:\n"
    ".previous\n");

extern "C" {
extern const char spate_sample_picture_begin[];
extern const char spate_sample_picture_end[];
}

namespace spate::apps {

std::string_view sample_picture() {
    return {spate_sample_picture_begin,
            static_cast<std::size_t>(spate_sample_picture_end - spate_sample_picture_begin)};
}

}  // namespace spate::apps
