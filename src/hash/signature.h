// Ed25519 (RFC 8032) over OpenSSL: who holds a key signs, who knows its public half checks. Keys and
// signatures are plain octets. Pure; any thread.
#pragma once

#include <array>
#include <memory>

#include "base/bytes.h"

namespace spate::hash {

using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;
using KeySeed = std::array<std::uint8_t, 32>;  // the secret

class SigningKey {
  public:
    // Any 32 octets are a key; secret ones are what io::SecureRandom gives.
    explicit SigningKey(const KeySeed& seed);
    const PublicKey& public_key() const { return public_key_; }
    Signature sign(Bytes message) const;

  private:
    struct Handle;
    std::shared_ptr<const Handle> handle_;
    PublicKey public_key_{};
};

// False for a wrong signature, and for a key that is no point of the curve or one of small order.
bool is_signed_by(const PublicKey& key, const Signature& signature, Bytes message);

}  // namespace spate::hash
