#include "hash/signature.h"

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

bool is_signed_by(const PublicKey& key, const Signature& signature, Bytes message) {
    struct FreeKey {
        void operator()(EVP_PKEY* k) const { EVP_PKEY_free(k); }
    };
    const std::unique_ptr<EVP_PKEY, FreeKey> handle(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
    if (handle == nullptr) return false;
    const auto context = make_context();
    if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle.get()) != 1) return false;
    return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                            message.size()) == 1;
}

}  // namespace spate::hash
