// The first two bytes give the file's size, the rest is the line. Whatever it means lies within the file.
#include "base/assert.h"
#include "classic/advertising_plan.h"
#include "classic/chunk_request.h"
#include "classic/classic_name.h"

using namespace spate;
using namespace spate::classic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::uint64_t file_size = data[0] * 16u + data[1];
    const std::string_view line(reinterpret_cast<const char*>(data + 2), size - 2);
    const ChunkRequestLine parsed = parse_chunk_request(line);
    if (const auto* bad = std::get_if<BadChunkRequest>(&parsed)) {
        SPATE_ASSERT(write_chunk_refusal(bad->form, bad->reason).ends_with('\n'));
        return 0;
    }
    const auto& request = std::get<ChunkRequest>(parsed);
    SPATE_ASSERT(!request.name || is_clean_name(*request.name));
    const ResolvedChunk chunk = resolve_chunk_request(request, file_size);
    if (!chunk.range) return 0;
    SPATE_ASSERT(!chunk.range->empty() && chunk.range->end <= file_size);
    SPATE_ASSERT(chunk.form == ChunkForm::original_file || chunk.range->size() <= chunk_bytes_max);
    const std::string content(chunk.range->size(), 'x');
    SPATE_ASSERT(write_chunk_reply(chunk.form, *chunk.range, as_bytes(content)).size() >= content.size());
    return 0;
}
