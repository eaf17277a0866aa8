#include "hash/digest.h"

#include <openssl/evp.h>

#include "base/assert.h"

namespace spate::hash {

namespace {
const EVP_MD* algorithm(const Md5&) {
    return EVP_md5();
}
const EVP_MD* algorithm(const Sha1&) {
    return EVP_sha1();
}
const EVP_MD* algorithm(const Sha256&) {
    return EVP_sha256();
}

template <class Digest>
Digest digest_of(Bytes bytes) {
    Digest digest{};
    SPATE_ASSERT(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm(digest), nullptr) ==
                 1);
    return digest;
}
}  // namespace

Md5 md5(Bytes bytes) {
    return digest_of<Md5>(bytes);
}
Sha1 sha1(Bytes bytes) {
    return digest_of<Sha1>(bytes);
}
Sha256 sha256(Bytes bytes) {
    return digest_of<Sha256>(bytes);
}

template <class Digest>
struct Hasher<Digest>::Context {
    EVP_MD_CTX* evp = EVP_MD_CTX_new();
    Context() { start(); }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { EVP_MD_CTX_free(evp); }
    void start() {
        SPATE_ASSERT(evp != nullptr && EVP_DigestInit_ex(evp, algorithm(Digest{}), nullptr) == 1);
    }
};

template <class Digest>
Hasher<Digest>::Hasher() : context_(std::make_unique<Context>()) {}
template <class Digest>
Hasher<Digest>::~Hasher() = default;
template <class Digest>
Hasher<Digest>::Hasher(Hasher&&) noexcept = default;
template <class Digest>
Hasher<Digest>& Hasher<Digest>::operator=(Hasher&&) noexcept = default;

template <class Digest>
void Hasher<Digest>::update(Bytes bytes) {
    SPATE_ASSERT(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()) == 1);
}

template <class Digest>
Digest Hasher<Digest>::finish() {
    Digest digest{};
    SPATE_ASSERT(EVP_DigestFinal_ex(context_->evp, digest.data(), nullptr) == 1);
    context_->start();
    return digest;
}

template class Hasher<Md5>;
template class Hasher<Sha1>;
template class Hasher<Sha256>;

}  // namespace spate::hash
