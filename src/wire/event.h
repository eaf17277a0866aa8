// Event: what PeerWire reads from a peer. Views are valid as peer_wire.h says.
#pragma once

#include <variant>

#include "wire/extension_messages.h"
#include "wire/message.h"

namespace spate::wire {

using Event = std::variant<BlockBytes, Have, Request, Cancel, Reject, Choke, Unchoke, Interested,
                           NotInterested, BitfieldMessage, HaveAll, HaveNone, SuggestPiece, AllowedFast, Port,
                           HashRequest, Hashes, HashReject, ExtensionHandshake, MetadataRequest, MetadataData,
                           MetadataReject, Pex, DontHave, UploadOnly>;

}  // namespace spate::wire
