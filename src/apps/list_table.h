// ListTable: the catalogue's entries as a table for people: columns as wide as they must be, names cut to the
// terminal, everything printable. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue_protocol/listed_entry.h"

namespace spate::apps {

enum class ListSort : std::uint8_t { name, size, age, seeds, leechers, coverage };

// Those the tracker keeps no index of; the rest comes in order. Largest first, equal ones by name.
void sort_entries(std::vector<catalogue_protocol::ListedEntry>& entries, ListSort sort);

// unknown: the tracker speaks the classic protocol alone, which tells names and sizes.
enum class Counts : std::uint8_t { known, unknown };
// What stands below the table, in as many lines as it takes.
std::vector<std::string> closing_lines(const std::vector<catalogue_protocol::ListedEntry>& entries,
                                       int width);
// A line each, the head first. width: cells of the terminal; 0: as wide as it comes.
std::vector<std::string> list_table(const std::vector<catalogue_protocol::ListedEntry>& entries,
                                    Counts counts, int width);

// "just now", "5 min", "3 h", "12 days".
std::string age_text(std::uint64_t seconds);

}  // namespace spate::apps
