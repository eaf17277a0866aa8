// Any text as each of the three config files: a good value or an error that says where.
#include "base/assert.h"
#include "classic/config_file.h"

using namespace spate::classic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto tracker = parse_tracker_config(text, "sconfig");
    SPATE_ASSERT(tracker ? tracker->port != 0 && !tracker->folder.empty()
                         : tracker.error().message().find("sconfig") != std::string::npos);
    const auto client = parse_client_config(text, "clientThreadConfig.cfg");
    SPATE_ASSERT(!client || (client->tracker_port != 0 && client->update_interval.count() > 0));
    const auto server = parse_server_config(text, "serverThreadConfig.cfg");
    SPATE_ASSERT(server.has_value() == tracker.has_value());
    return 0;
}
