#include "hash/lanes.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "hash/lane_scheduler.h"

namespace spate::hash {

namespace {

// What the two algorithms differ in, as far as lanes are concerned.
template <class Digest>
struct Algorithm;
template <>
struct Algorithm<Sha1> {
    static constexpr unsigned kWords = 5;
    static constexpr std::array<std::uint32_t, 8> kInitial = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
                                                              0xc3d2e1f0};
};
template <>
struct Algorithm<Sha256> {
    static constexpr unsigned kWords = 8;
    static constexpr std::array<std::uint32_t, 8> kInitial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                              0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
};

template <class Digest>
void run_jobs(const KernelLadder& ladder, JobSource& source) {
    LaneScheduler(ladder, Algorithm<Digest>::kWords).run(source);
}

template <class Digest>
Digest digest_from(const std::uint32_t* state) {
    Digest digest;
    for (std::size_t i = 0; i < digest.size(); ++i)
        digest[i] = static_cast<std::uint8_t>(state[i / 4] >> (24 - 8 * (i % 4)));
    return digest;
}

// memcpy that takes the null pointer of an empty view.
void copy(std::uint8_t* to, Bytes from) {
    if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

// The message's end: its last bytes (fewer than a block), a one bit, zeros, its length in bits. Gives the
// blocks: 1 or 2.
std::size_t pad(std::array<std::uint8_t, 2 * kHashBlock>& tail, Bytes rest, std::uint64_t length) {
    const std::size_t blocks = rest.size() + 1 + 8 <= kHashBlock ? 1 : 2;
    const std::size_t end = blocks * kHashBlock;
    copy(tail.data(), rest);
    tail[rest.size()] = 0x80;
    std::fill(tail.begin() + static_cast<std::ptrdiff_t>(rest.size() + 1),
              tail.begin() + static_cast<std::ptrdiff_t>(end - 8), std::uint8_t{0});
    for (std::size_t i = 0; i < 8; ++i)
        tail[end - 1 - i] = static_cast<std::uint8_t>((length * 8) >> (8 * i));
    return blocks;
}

template <class Digest>
class WholeMessages final : public JobSource {
  public:
    WholeMessages(std::span<const Bytes> messages, std::span<Digest> out) : messages_(messages), out_(out) {}

    bool next(LaneJob& job) override {
        if (next_ == messages_.size()) return false;
        const Bytes message = messages_[next_];
        const std::size_t body = message.size() / kHashBlock;
        job.id = next_++;
        job.state = Algorithm<Digest>::kInitial;
        job.runs[0] = {message.data(), body};
        job.runs[1] = {job.tail.data(), pad(job.tail, message.subspan(body * kHashBlock), message.size())};
        return true;
    }
    void done(const LaneJob& job) override { out_[job.id] = digest_from<Digest>(job.state.data()); }

  private:
    std::span<const Bytes> messages_;
    std::span<Digest> out_;
    std::size_t next_ = 0;
};

template <class Digest>
void hash_many(std::span<const Bytes> messages, std::span<Digest> out, const KernelLadder& ladder) {
    SPATE_ASSERT(messages.size() == out.size());
    WholeMessages<Digest> source(messages, out);
    run_jobs<Digest>(ladder, source);
}

}  // namespace

void sha1_many(std::span<const Bytes> messages, std::span<Sha1> out, const KernelLadder& ladder) {
    hash_many<Sha1>(messages, out, ladder);
}
void sha256_many(std::span<const Bytes> messages, std::span<Sha256> out, const KernelLadder& ladder) {
    hash_many<Sha256>(messages, out, ladder);
}

// Whole blocks of the streams' next chunks; what is left of a chunk waits in the stream.
template <class Digest>
class LaneHasher<Digest>::Chunks final : public JobSource {
  public:
    Chunks(std::span<Stream> streams, std::span<const Bytes> chunks) : streams_(streams), chunks_(chunks) {}

    bool next(LaneJob& job) override {
        while (next_ < chunks_.size()) {
            Stream& stream = streams_[next_];
            Bytes chunk = chunks_[next_];
            job.id = next_++;
            const std::size_t waiting = stream.length % kHashBlock;
            const std::size_t taken = waiting == 0 ? 0 : std::min(kHashBlock - waiting, chunk.size());
            copy(stream.partial + waiting, chunk.first(taken));
            stream.length += chunk.size();
            chunk = chunk.subspan(taken);
            const bool filled = waiting > 0 && waiting + taken == kHashBlock;
            job.runs[0] = {stream.partial, filled ? 1U : 0U};
            job.runs[1] = {chunk.data(), chunk.size() / kHashBlock};
            if (waiting > 0 && !filled) continue;  // all of the chunk is in `partial`
            if (!filled && chunk.size() < kHashBlock) {
                copy(stream.partial, chunk);
                continue;
            }
            std::copy_n(stream.state, job.state.size(), job.state.begin());
            return true;
        }
        return false;
    }
    void done(const LaneJob& job) override {
        Stream& stream = streams_[job.id];
        std::ranges::copy(job.state, stream.state);
        copy(stream.partial, chunks_[job.id].last(stream.length % kHashBlock));
    }

  private:
    std::span<Stream> streams_;
    std::span<const Bytes> chunks_;
    std::size_t next_ = 0;
};

template <class Digest>
class LaneHasher<Digest>::Ends final : public JobSource {
  public:
    Ends(std::span<const Stream> streams, std::span<Digest> out) : streams_(streams), out_(out) {}

    bool next(LaneJob& job) override {
        if (next_ == out_.size()) return false;
        const Stream& stream = streams_[next_];
        job.id = next_++;
        std::copy_n(stream.state, job.state.size(), job.state.begin());
        const Bytes rest(stream.partial, stream.length % kHashBlock);
        job.runs = {LaneJob::Run{job.tail.data(), pad(job.tail, rest, stream.length)},
                    LaneJob::Run{nullptr, 0}};
        return true;
    }
    void done(const LaneJob& job) override { out_[job.id] = digest_from<Digest>(job.state.data()); }

  private:
    std::span<const Stream> streams_;
    std::span<Digest> out_;
    std::size_t next_ = 0;
};

template <class Digest>
LaneHasher<Digest>::LaneHasher(std::size_t streams, const KernelLadder& ladder)
    : ladder_(ladder), streams_(streams) {
    start();
}

template <class Digest>
void LaneHasher<Digest>::start() {
    for (Stream& stream : streams_) {
        std::ranges::copy(Algorithm<Digest>::kInitial, stream.state);
        stream.length = 0;
    }
}

template <class Digest>
void LaneHasher<Digest>::update(std::span<const Bytes> chunks) {
    SPATE_ASSERT(chunks.size() <= streams_.size());
    Chunks source(streams_, chunks);
    run_jobs<Digest>(ladder_, source);
}

template <class Digest>
void LaneHasher<Digest>::finish(std::span<Digest> out) {
    SPATE_ASSERT(out.size() <= streams_.size());
    Ends source(streams_, out);
    run_jobs<Digest>(ladder_, source);
    start();
}

template class LaneHasher<Sha1>;
template class LaneHasher<Sha256>;

}  // namespace spate::hash
