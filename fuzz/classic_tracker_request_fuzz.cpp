// Any line: the parser never breaks, and what it accepts we can write and read back as the same request.
#include "base/assert.h"
#include "classic/tracker_request.h"

using namespace spate::classic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const TrackerRequest request = parse_tracker_request({reinterpret_cast<const char*>(data), size});
    std::string text;
    if (const auto* create = std::get_if<CreateTracker>(&request)) text = write_create_tracker(*create);
    if (const auto* update = std::get_if<UpdateTracker>(&request)) text = write_update_tracker(*update);
    if (const auto* get = std::get_if<GetTrackerFile>(&request)) {
        text = write_get_tracker_file(get->name);
        text.pop_back();
        SPATE_ASSERT(std::get<GetTrackerFile>(parse_tracker_request(text)).name == get->name);
    } else if (!text.empty()) {
        text.pop_back();
        SPATE_ASSERT(parse_tracker_request(text) == request);
    }
    return 0;
}
