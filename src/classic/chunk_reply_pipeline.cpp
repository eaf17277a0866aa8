#include "classic/chunk_reply_pipeline.h"

#include "base/assert.h"

namespace spate::classic {

void ChunkReplyPipeline::expect(ByteRange asked) {
    SPATE_ASSERT(!full() && !dead());
    asked_.push_back(asked);
}

void ChunkReplyPipeline::feed(Bytes bytes, std::vector<Outcome>& out) {
    while (!bytes.empty() && !dead_) {
        if (!reader_) {
            if (asked_.empty()) {
                const bool line_end = bytes.front() == '\n' || bytes.front() == '\r';  // of the last refusal
                dead_ = !line_end;
                bytes = bytes.subspan(1);
                continue;
            }
            reader_.emplace(ChunkForm::plus, asked_.front());
        }
        bytes = bytes.subspan(reader_->feed(bytes));
        settle(out);
    }
}

void ChunkReplyPipeline::end_of_input(std::vector<Outcome>& out) {
    if (reader_) {
        reader_->end_of_input();
        settle(out);
    }
    dead_ = true;
}

void ChunkReplyPipeline::settle(std::vector<Outcome>& out) {
    if (reader_->verdict() == ChunkVerdict::reading) return;
    out.push_back({reader_->asked(), reader_->verdict(), std::string(reader_->data())});
    dead_ = reader_->out_of_step();
    reader_.reset();
    asked_.pop_front();
}

}  // namespace spate::classic
