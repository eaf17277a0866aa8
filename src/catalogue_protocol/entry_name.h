// Names of published entries: beyond what the classic protocol asks of a name (classic/classic_name.h), it is
// UTF-8 and reads as it is: no marks that turn the writing direction, no blanks of no width, no C1 controls.
// Names that the classic protocol brought may be anything: printable() shows them. Pure.
#pragma once

#include <optional>
#include <string_view>

namespace spate::catalogue_protocol {

// Why nothing is published under that name, as words that fit "the name: ..."; nothing when it may be.
std::optional<std::string_view> entry_name_fault(std::string_view name);

}  // namespace spate::catalogue_protocol
