// The first byte chooses the form, the second the size asked for, the rest is what the peer sends: never more
// than asked is given out, and every split gives the same verdict, data and number of bytes taken.
#include "base/assert.h"
#include "classic/chunk_client.h"

using namespace spate;
using namespace spate::classic;

namespace {

std::size_t feed_in_steps(ChunkReplyReader& reader, Bytes input, std::size_t step) {
    std::size_t taken = 0;
    for (std::size_t at = 0; at < input.size() && taken == at; at += step) {
        taken += reader.feed(input.subspan(at, std::min(step, input.size() - at)));
    }
    reader.end_of_input();
    SPATE_ASSERT(reader.verdict() != ChunkVerdict::reading);
    return taken;
}

void check_pipeline(Bytes input) {
    ChunkReplyPipeline whole;
    ChunkReplyPipeline bytewise;
    std::vector<ChunkReplyPipeline::Outcome> from_whole;
    std::vector<ChunkReplyPipeline::Outcome> from_bytes;
    for (std::uint64_t i = 0; i < 4; ++i) {
        whole.expect({i * 4, i * 4 + 4});
        bytewise.expect({i * 4, i * 4 + 4});
    }
    whole.feed(input, from_whole);
    for (std::size_t i = 0; i < input.size(); ++i) bytewise.feed(input.subspan(i, 1), from_bytes);
    SPATE_ASSERT(whole.dead() == bytewise.dead() && whole.unanswered() == bytewise.unanswered());
    SPATE_ASSERT(from_whole.size() == from_bytes.size());
    for (std::size_t i = 0; i < from_whole.size(); ++i) {
        SPATE_ASSERT(from_whole[i].data == from_bytes[i].data &&
                     from_whole[i].verdict == from_bytes[i].verdict);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const ChunkForm form = chunk_form_fallbacks[data[0] % chunk_form_fallbacks.size()];
    const ByteRange asked{10, 11 + data[1] % 40u};
    const Bytes input(data + 2, size - 2);
    ChunkReplyReader whole(form, asked);
    const std::size_t taken = feed_in_steps(whole, input, size);
    SPATE_ASSERT(taken <= input.size() && whole.data().size() <= asked.size());
    SPATE_ASSERT(whole.verdict() != ChunkVerdict::complete || whole.data().size() == asked.size());
    for (const std::size_t step : {1u, 5u}) {
        ChunkReplyReader split(form, asked);
        SPATE_ASSERT(feed_in_steps(split, input, step) == taken && split.data() == whole.data());
        SPATE_ASSERT(split.verdict() == whole.verdict() && split.out_of_step() == whole.out_of_step());
    }
    check_pipeline(input);
    return 0;
}
