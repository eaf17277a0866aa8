// A serving peer that does wrong in one chosen way. It has the right file, so that only its manners are
// wrong.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/rng.h"
#include "classic/chunk_request.h"
#include "io/world.h"

namespace spate::sim {

enum class Evil {
    lies,            // other bytes, always the same ones
    lies_anew,       // other bytes, different each time
    refuses,         // everything
    silent,          // takes requests and never answers
    closes,          // takes a request and closes
    sends_half,      // of each chunk
    sends_more,      // than the chunk
    never_ends,      // sends without end
    trickles,        // a byte a second
    talks,           // nonsense before it was asked
    knows_one_form,  // no wrong: a stranger, refuses all other forms
};
inline constexpr int evil_kinds = 10;  // without the stranger

class EvilPeer final : public io::ListenerHandler {
  public:
    EvilPeer(io::World& world, std::uint16_t port, Evil evil, std::string file, std::uint64_t seed,
             classic::ChunkForm only = classic::ChunkForm::get);
    ~EvilPeer() override;
    void on_accept(std::unique_ptr<io::Stream> stream) override;
    void on_accept_error(const Error&) override {}

  private:
    class Session;
    void over(Session* session);

    io::World& world_;
    Evil evil_;
    std::string file_;
    Rng rng_;
    classic::ChunkForm only_;
    std::unique_ptr<io::Listener> listener_;
    std::map<Session*, std::unique_ptr<Session>> sessions_;
};

}  // namespace spate::sim
