// The part of a .torrent file outside the info dictionary: trackers, web seeds, nodes, comments (BEP 3, 5,
// 12, 17, 19). Nothing in it makes a torrent bad: what is wrong is left out, with a warning.
#pragma once

#include "metainfo/fields.h"
#include "metainfo/metainfo.h"

namespace spate::metainfo {

void read_outer_fields(const Fields& torrent, Metainfo& out);

// Adds one warning, unless there are 20.
void warn(Metainfo& torrent, std::string text);

// A URL fit to be kept, without blanks around it; or why it is not. Schemes are not looked at.
Result<std::string> clean_url(std::string_view text);

}  // namespace spate::metainfo
