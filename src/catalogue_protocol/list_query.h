// ListQuery: what GET /catalogue is asked for. The tracker sorts by what it keeps an index of; sorting by
// peers is the client's. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "catalogue_protocol/limits.h"

namespace spate::catalogue_protocol {

enum class ListOrder : std::uint8_t { name, size, age };  // size: largest first; age: newest first

struct ListQuery {
    std::string search;  // in names and descriptions, whatever its case; empty: everything
    ListOrder order = ListOrder::name;
    std::size_t limit = page_entries_default;  // 1 to page_entries_max
    std::string after;  // ListPage::next of the page before; any text is safe, it is a place in the order
    bool operator==(const ListQuery&) const = default;
};

// The raw query, without '?'. What is not known is passed over; a value that is wrong is an error.
Result<ListQuery> read_list_query(std::string_view raw);
std::string write_list_query(const ListQuery& query);

}  // namespace spate::catalogue_protocol
