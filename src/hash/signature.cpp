#include "hash/signature.h"

#include <algorithm>
#include <openssl/evp.h>

#include "base/assert.h"

namespace spate::hash {

namespace {

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

Context make_context() {
    Context context(EVP_MD_CTX_new());
    SPATE_ASSERT(context != nullptr);
    return context;
}

}  // namespace

struct SigningKey::Handle {
    EVP_PKEY* key;
    explicit Handle(EVP_PKEY* k) : key(k) { SPATE_ASSERT(key != nullptr); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() { EVP_PKEY_free(key); }
};

SigningKey::SigningKey(const KeySeed& seed)
    : handle_(std::make_shared<const Handle>(
          EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()))) {
    auto size = public_key_.size();
    SPATE_ASSERT(EVP_PKEY_get_raw_public_key(handle_->key, public_key_.data(), &size) == 1 &&
                 size == public_key_.size());
}

Signature SigningKey::sign(Bytes message) const {
    const auto context = make_context();
    Signature signature{};
    auto size = signature.size();
    SPATE_ASSERT(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, handle_->key) == 1);
    SPATE_ASSERT(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) ==
                     1 &&
                 size == signature.size());
    return signature;
}

namespace {

// Points of small order, without the sign bit, in every way to write them: one signature would do for many
// messages under them, so nobody's key is one.
constexpr std::array<PublicKey, 7> small_order{{
    {0},
    {1},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
     0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
     0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
}};

bool is_of_small_order(PublicKey key) {
    key.back() &= 0x7f;
    return std::ranges::find(small_order, key) != small_order.end();
}

}  // namespace

bool is_signed_by(const PublicKey& key, const Signature& signature, Bytes message) {
    struct FreeKey {
        void operator()(EVP_PKEY* k) const { EVP_PKEY_free(k); }
    };
    const std::unique_ptr<EVP_PKEY, FreeKey> handle(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
    if (handle == nullptr || is_of_small_order(key)) return false;
    const auto context = make_context();
    if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle.get()) != 1) return false;
    return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                            message.size()) == 1;
}

}  // namespace spate::hash
