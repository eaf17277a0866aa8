// Inflate and deflate over zlib, bounded: a bomb stops at the limit (reliability.md 72). Pure.
#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace spate::http {

// gzip, zlib or raw deflate, told apart by the first bytes; grows as bytes come out. Errors: broken or cut
// input (EBADMSG), more than output_max bytes (EMSGSIZE).
Result<std::string> inflated(Bytes compressed, std::size_t output_max);
// A gzip stream.
std::string gzipped(std::string_view text);

}  // namespace spate::http
