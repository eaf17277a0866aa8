// Any bytes: read or refused; every node lies within the buffer, and writing a canonical document again gives
// its bytes.
#include <cstdlib>

#include "bencode/reader.h"
#include "bencode/writer.h"

namespace {
using namespace spate::bencode;

void copy(Value value, Writer& out) {  // at most Limits::depth_max deep
    if (const auto number = value.integer()) out.integer(*number);
    if (const auto text = value.string()) out.string(*text);
    if (const auto list = value.list()) {
        out.begin_list();
        for (const auto element : *list) copy(element, out);
        out.end();
    }
    if (!value.is(Kind::dictionary)) return;
    out.begin_dictionary();
    value.each_entry([&](std::string_view key, Value inner) {
        copy(inner, out.key(key));
        return true;
    });
    out.end();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto document = Document::parse({data, size});
    if (!document) return 0;
    const auto& odd = document->oddities();
    if (odd.unsorted_keys || odd.duplicate_keys || odd.leading_zeros) return 0;
    Writer out;
    copy(document->root(), out);
    const auto again = out.take();
    if (again != spate::as_text({data, document->size()})) std::abort();
    return 0;
}
