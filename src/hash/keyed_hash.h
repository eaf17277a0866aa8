// SipHash-2-4 (Aumasson and Bernstein): a 64-bit hash under a secret key, for connection ids and for tables
// whose keys peers choose: without the key nobody can forge an id or aim at one bucket. The key comes from
// io::SecureRandom.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace spate::hash {

using SipKey = std::array<std::uint8_t, 16>;

std::uint64_t siphash(const SipKey& key, Bytes message);

// A hasher for unordered containers keyed by octets.
class KeyedHash {
  public:
    using is_transparent = void;
    explicit KeyedHash(const SipKey& key) : key_(key) {}
    std::size_t operator()(Bytes message) const { return static_cast<std::size_t>(siphash(key_, message)); }
    std::size_t operator()(std::string_view text) const { return (*this)(as_bytes(text)); }

  private:
    SipKey key_;
};

}  // namespace spate::hash
