#include "catalogue_protocol/entry_name.h"

#include "base/printable.h"
#include "base/utf8.h"

namespace spate::catalogue_protocol {

std::optional<std::string_view> entry_name_fault(std::string_view name) {
    if (!is_utf8(name)) return "is not UTF-8";
    if (printable(name, name.size() + 1) != name)
        return "holds a character that is not seen or turns the writing direction";
    return std::nullopt;
}

}  // namespace spate::catalogue_protocol
