#include "classic_peer/source_links.h"

namespace spate::classic_peer {

void SourceLinks::fetch(const Fetch& fetch) {
    std::unique_ptr<SourceLink>& link = links_[fetch.source];
    if (!link) {
        link = std::make_unique<SourceLink>(world_, fetch.source, download_.peer(fetch.source), key_,
                                            download_.size(), limits_, static_cast<SourceLinkOwner&>(*this));
        link->set_claims(download_.claims(fetch.source));
    }
    link->fetch(fetch);
}

void SourceLinks::update_claims() {
    for (const auto& [id, link] : links_) link->set_claims(download_.claims(id));
}

void SourceLinks::give_up_all() {
    for (const auto& [id, link] : links_) link->give_up();
}

}  // namespace spate::classic_peer
