// The demo's sample file, assets/picture-wallpaper.jpg, inside the program.
#pragma once

#include <string_view>

namespace spate::apps {

std::string_view sample_picture();
inline constexpr std::string_view sample_picture_name = "picture-wallpaper.jpg";

}  // namespace spate::apps
