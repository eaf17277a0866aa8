// MD5, SHA-1 and SHA-256 of one stream of bytes, over OpenSSL. Many messages side by side: see lanes.h.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "base/bytes.h"

namespace spate::hash {

using Md5 = std::array<std::uint8_t, 16>;
using Sha1 = std::array<std::uint8_t, 20>;
using Sha256 = std::array<std::uint8_t, 32>;

Md5 md5(Bytes bytes);
Sha1 sha1(Bytes bytes);
Sha256 sha256(Bytes bytes);

// Incremental; update() any number of times, then finish() once, which also starts afresh.
template <class Digest>
class Hasher {
  public:
    Hasher();
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;
    void update(Bytes bytes);
    Digest finish();

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

using Md5Hasher = Hasher<Md5>;
using Sha1Hasher = Hasher<Sha1>;
using Sha256Hasher = Hasher<Sha256>;
extern template class Hasher<Md5>;
extern template class Hasher<Sha1>;
extern template class Hasher<Sha256>;

}  // namespace spate::hash
