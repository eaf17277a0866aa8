// Any URL, and any reference seen from it (after a line's end): what is accepted is read back as the same,
// and never breaks the line it is written into.
#include "base/assert.h"
#include "http/query.h"
#include "http/request_writer.h"

using namespace spate::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto end = text.find('\n');
    const auto url = Url::parse(text.substr(0, end));
    if (!url) return 0;
    const auto again = Url::parse(url->text());
    if (again) SPATE_ASSERT(*again == *url);  // escapes may have made it too long
    const std::string request = write_request(Method::get, *url, {}, "");
    SPATE_ASSERT(request.find("\r\nHost: ") == request.find("\r\n"));
    const std::string query = url->query.value_or("");
    QueryReader reader(query, "&?");
    while (const auto parameter = reader.next())
        if (const auto value = percent_decoded(parameter->value.value_or("")))
            SPATE_ASSERT(percent_decoded(percent_encoded(*value)) == *value);
    if (end == text.npos) return 0;
    if (const auto target = url->resolve(text.substr(end + 1))) SPATE_ASSERT(target->path.starts_with('/'));
    return 0;
}
