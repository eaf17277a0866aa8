// PeerDialect: which request form to use towards one peer. Starts with the specification's form and goes
// through classic::chunk_form_fallbacks until one works; that one is remembered. After the first plain
// success `plus` is tried once, since our own peers keep its connection open and take many requests on it.
// Pure; a value.
#pragma once

#include <array>
#include <cstddef>

#include "classic/chunk_client.h"

namespace spate::classic_peer {

class PeerDialect {
  public:
    explicit PeerDialect(bool try_plus = true) : plus_(try_plus ? Plus::untried : Plus::no) {}

    // The form for the next connection.
    classic::ChunkForm form() const;
    bool known() const { return known_; }
    // Many requests on one connection: only once it was proven.
    bool pipelines() const { return plus_ == Plus::works; }
    bool probing() const { return plus_ == Plus::probing; }

    void worked(classic::ChunkForm form);
    // Refused, or not answered in that form. True: every form has been tried since the last success, so it is
    // the request that the peer does not like and not the form.
    bool did_not_work(classic::ChunkForm form);

  private:
    enum class Plus { untried, probing, works, no };

    std::size_t index_ = 0;
    bool known_ = false;
    Plus plus_;
};

}  // namespace spate::classic_peer
