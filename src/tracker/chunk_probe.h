// ChunkProbe: asks one peer for one chunk, in the spec's form first, then in the others it may speak, one
// connection each. Thread: the reactor's. Owner: PossessionCheck.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/range_set.h"
#include "classic/chunk_client.h"
#include "io/world.h"

namespace spate::tracker {

enum class ProbeResult : std::uint8_t { good, unreachable, refused };
using OnProbed = std::move_only_function<void(ProbeResult, std::string detail)>;

class ChunkProbe final : public io::StreamHandler {
  public:
    // Calls back once, never from inside this call; the callback may destroy the probe.
    ChunkProbe(io::World world, const Endpoint& peer, std::string name, ByteRange chunk,
               std::uint64_t file_size, OnProbed on_probed);

    void on_readable() override;
    void on_writable() override;

  private:
    void try_form();
    void connected(Result<std::unique_ptr<io::Stream>> stream);
    void settle();
    void end(ProbeResult result, std::string detail);

    io::World world_;
    Endpoint peer_;
    std::string name_;
    ByteRange chunk_;
    std::uint64_t file_size_;
    OnProbed on_probed_;
    std::size_t form_ = 0;  // index into chunk_form_fallbacks
    std::unique_ptr<io::Pending> connecting_;
    std::unique_ptr<io::Stream> stream_;
    std::optional<classic::ChunkReplyReader> reader_;
    std::string unsent_;
    std::string first_refusal_;
};

}  // namespace spate::tracker
