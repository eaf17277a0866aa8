// Reads .torrent files and bare info dictionaries (BEP 9). Errors name the key and the reason, "info.piece
// length: 0 is not allowed": Error::object is the key ("info.files[3].length"; "byte 17" where it is no
// bencode), ::detail the reason. Limits: limits.h. Time linear in the input's length (n log n for unsorted
// dictionaries). Pure; any thread.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "metainfo/clean_path.h"
#include "metainfo/metainfo.h"

namespace spate::metainfo {

// A whole .torrent file; the bytes are not kept.
Result<Metainfo> read_torrent(Bytes torrent, CaseRule case_rule = CaseRule::fold);

// The info dictionary alone, as peers send it; the caller has compared its hash with the one wanted, or does
// now.
Result<Info> read_info(Bytes info, CaseRule case_rule = CaseRule::fold);

}  // namespace spate::metainfo
