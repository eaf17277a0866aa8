#include "apps/list_table.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "apps/cells.h"
#include "apps/size_text.h"
#include "base/printable.h"

namespace spate::apps {

using catalogue_protocol::ListedEntry;

namespace {

constexpr std::size_t columns = 8;
using Row = std::array<std::string, columns>;
constexpr std::size_t name_column = 0, size_column = 1, about_column = columns - 1;
constexpr int name_width_min = 12;
constexpr int about_width_min = 10;
constexpr int gap = 2;

constexpr bool is_left(std::size_t column) {
    return column == name_column || column == 5 || column == about_column;
}

std::string coverage_text(std::optional<double> coverage) {
    if (!coverage) return "?";
    // Only what is all there is called 100 %.
    const auto percent = static_cast<int>(*coverage * 100);
    return *coverage > 0 && percent == 0 ? "<1%" : fmt::format("{}%", percent);
}

Row row_of(const ListedEntry& entry, Counts counts) {
    const auto name = printable(entry.name, 1024);
    const std::string slash = entry.files > 1 ? "/" : "";
    if (counts == Counts::unknown) return {name, size_text(entry.size), "?", "?", "?", "?", "?", ""};
    return {name + slash,
            size_text(entry.size),
            std::to_string(entry.seeds),
            std::to_string(entry.leechers),
            coverage_text(entry.coverage),
            entry.verified ? "yes" : "no",
            age_text(entry.age_seconds),
            printable(entry.description, 1024)};
}

using Widths = std::array<int, columns>;

// The name and what it is about share what the numbers leave; the last columns go where that is too little.
void fit(Widths& widths, int terminal) {
    const auto all = [&] {
        int sum = -gap;
        for (const int width : widths) sum += width > 0 ? width + gap : 0;
        return sum;
    };
    const auto narrowest = [&] {
        return all() - std::max(0, widths[name_column] - name_width_min) -
               std::max(0, widths[about_column] - about_width_min);
    };
    for (auto last = about_column; last > size_column && narrowest() > terminal; --last) widths[last] = 0;
    int excess = all() - terminal;
    const auto shrink = [&](int& width, int least) {
        const int by = std::clamp(excess, 0, std::max(0, width - least));
        width -= by;
        excess -= by;
    };
    shrink(widths[about_column], about_width_min);
    shrink(widths[name_column], 1);
}

std::string line_of(const Row& row, const Widths& widths) {
    std::string line;
    for (std::size_t column = 0; column < columns; ++column) {
        if (widths[column] == 0) continue;
        const auto text = cut_to_width(row[column], widths[column]);
        const std::string blanks(
            static_cast<std::size_t>(std::max(0, widths[column] - cells_of(std::string_view(text)))), ' ');
        line += is_left(column) ? text + blanks : blanks + text;
        line += std::string(gap, ' ');
    }
    line.resize(line.find_last_not_of(' ') + 1);
    return line;
}

}  // namespace

std::string age_text(std::uint64_t seconds) {
    if (seconds < 60) return "just now";
    if (seconds < 3600) return fmt::format("{} min", seconds / 60);
    if (seconds < 2 * 86'400) return fmt::format("{} h", seconds / 3600);
    return fmt::format("{} days", seconds / 86'400);
}

void sort_entries(std::vector<ListedEntry>& entries, ListSort sort) {
    const auto by = [&](auto member) { std::ranges::stable_sort(entries, std::greater<>(), member); };
    if (sort == ListSort::seeds) by(&ListedEntry::seeds);
    if (sort == ListSort::leechers) by(&ListedEntry::leechers);
    if (sort == ListSort::coverage) by(&ListedEntry::coverage);
}

std::vector<std::string> closing_lines(const std::vector<ListedEntry>& entries, int width) {
    std::uint64_t bytes = 0;
    for (const auto& entry : entries) bytes += entry.size;
    const auto sum = fmt::format("{} {}, {} in all.", entries.size(),
                                 entries.size() == 1 ? "entry" : "entries", size_text(bytes));
    const std::string next = "Fetch one: spate get NAME";
    if (cells_of(sum) + 1 + cells_of(next) <= width) return {sum + " " + next};
    return {sum, next};
}

std::vector<std::string> list_table(const std::vector<ListedEntry>& entries, Counts counts, int width) {
    std::vector<Row> rows{{"NAME", "SIZE", "SEEDS", "LEECHERS", "COVERAGE", "VERIFIED", "AGE", "ABOUT"}};
    for (const auto& entry : entries) rows.push_back(row_of(entry, counts));
    Widths widths{};
    for (std::size_t row = 1; row < rows.size(); ++row) {
        for (std::size_t column = 0; column < columns; ++column)
            widths[column] = std::max(widths[column], cells_of(std::string_view(rows[row][column])));
    }
    for (std::size_t column = 0; column < columns; ++column) {
        const bool is_empty = column == about_column && widths[column] == 0;
        if (!is_empty) widths[column] = std::max(widths[column], cells_of(std::string_view(rows[0][column])));
    }
    if (width > 0) fit(widths, width);
    std::vector<std::string> lines;
    for (const auto& row : rows) lines.push_back(line_of(row, widths));
    return lines;
}

}  // namespace spate::apps
