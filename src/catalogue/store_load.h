// Reading a catalogue database: rows to checked entries. Private to the store. Blocking.
#pragma once

#include <vector>

#include "base/result.h"
#include "catalogue/catalogue.h"
#include "storage/database.h"

namespace spate::catalogue {

Result<std::vector<EntryPointer>> load_entries(storage::Database& database);
Result<RemovedNames> load_removed(storage::Database& database);
Result<BareTrackers> load_bare(storage::Database& database);

}  // namespace spate::catalogue
