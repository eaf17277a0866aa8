// One lane: OpenSSL's block functions (SHA-NI, ARMv8 or the best assembly it has), entered with a chaining
// state of ours. The EVP interface cannot take up a state from elsewhere, the deprecated one can.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "hash/kernel_functions.h"
#include "hash/kernels.h"

namespace spate::hash {
void sha1_openssl(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    SHA_CTX context{};
    context.h0 = state[0];
    context.h1 = state[1];
    context.h2 = state[2];
    context.h3 = state[3];
    context.h4 = state[4];
    SHA1_Update(&context, data[0], blocks * kHashBlock);
    state[0] = context.h0;
    state[1] = context.h1;
    state[2] = context.h2;
    state[3] = context.h3;
    state[4] = context.h4;
}

void sha256_openssl(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    SHA256_CTX context{};
    for (unsigned i = 0; i < 8; ++i) context.h[i] = state[i];
    SHA256_Update(&context, data[0], blocks * kHashBlock);
    for (unsigned i = 0; i < 8; ++i) state[i] = context.h[i];
}

}  // namespace spate::hash
