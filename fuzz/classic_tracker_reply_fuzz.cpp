// Any bytes as a tracker's reply: the readers stay within their limits, and every split reads the same.
#include "base/assert.h"
#include "classic/classic_name.h"
#include "classic/get_reply_reader.h"
#include "classic/tracker_reply_reader.h"

using namespace spate;
using namespace spate::classic;

namespace {

template <class Reader>
Reader read(Reader reader, Bytes input, std::size_t step) {
    for (std::size_t at = 0; at < input.size(); at += step) {
        reader.feed(input.subspan(at, std::min(step, input.size() - at)));
    }
    reader.end_of_input();
    SPATE_ASSERT(reader.state() != ReadState::reading);
    return reader;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input(data, size);
    const ListReplyLimits limits{.entries_max = 5, .bytes_max = 400};
    const ListReplyReader list = read(ListReplyReader(limits), input, size + 1);
    const ListReplyReader list_bytes = read(ListReplyReader(limits), input, 1);
    SPATE_ASSERT(list.state() == list_bytes.state() && list.entries() == list_bytes.entries());
    SPATE_ASSERT(list.detail() == list_bytes.detail() && list.skipped() == list_bytes.skipped());
    SPATE_ASSERT(list.entries().size() <= limits.entries_max);
    for (const ListEntry& entry : list.entries()) SPATE_ASSERT(is_clean_name(entry.name));

    const GetReplyReader get = read(GetReplyReader(300), input, size + 1);
    for (const std::size_t step : {1u, 7u}) {
        const GetReplyReader split = read(GetReplyReader(300), input, step);
        SPATE_ASSERT(get.state() == split.state() && get.file() == split.file());
        SPATE_ASSERT(get.claimed_md5() == split.claimed_md5() && get.detail() == split.detail());
    }
    SPATE_ASSERT(get.file().size() <= 300);
    (void)parse_status_reply(as_text(input));
    return 0;
}
