#include "classic_peer/peer_dialect.h"

#include <algorithm>

namespace spate::classic_peer {

using classic::chunk_form_fallbacks;
using classic::ChunkForm;

ChunkForm PeerDialect::form() const {
    if (plus_ == Plus::works || plus_ == Plus::probing) return ChunkForm::plus;
    return chunk_form_fallbacks[index_];
}

void PeerDialect::worked(ChunkForm form) {
    if (form == ChunkForm::plus) {
        plus_ = Plus::works;
        known_ = true;
        return;
    }
    known_ = true;
    index_ = static_cast<std::size_t>(std::ranges::find(chunk_form_fallbacks, form) -
                                      chunk_form_fallbacks.begin());
    if (plus_ == Plus::untried) plus_ = form == ChunkForm::get ? Plus::probing : Plus::no;
}

bool PeerDialect::did_not_work(ChunkForm form) {
    if (form == ChunkForm::plus && plus_ == Plus::probing) {
        plus_ = Plus::no;
        return false;
    }
    if (known_) return true;
    if (form != chunk_form_fallbacks[index_]) return false;  // of a connection begun before the last step
    index_ = (index_ + 1) % chunk_form_fallbacks.size();
    return index_ == 0;
}

}  // namespace spate::classic_peer
