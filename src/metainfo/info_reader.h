// The info dictionary of a document that is parsed already: what read_torrent and read_info share.
#pragma once

#include "base/result.h"
#include "bencode/reader.h"
#include "metainfo/clean_path.h"
#include "metainfo/metainfo.h"

namespace spate::metainfo {

Result<Info> read_info_dictionary(bencode::Value info, CaseRule case_rule);

}  // namespace spate::metainfo
