// The kernels themselves, one file each, compiled for its own instruction set; CompressLanes in kernels.h
// says what they do. Their table is in kernels.cpp; nothing else calls them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace spate::hash {

void sha1_openssl(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks);
void sha256_openssl(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks);
void sha1_portable(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks);
void sha256_portable(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks);
#if defined(__x86_64__)
void sha1_sha_ni(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks);
void sha1_sha_ni_2(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks);
void sha1_sha_ni_4(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks);
void sha256_sha_ni(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks);
void sha256_sha_ni_2(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks);
void sha256_sha_ni_4(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks);
void sha1_avx2(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks);
void sha256_avx2(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks);
void sha1_avx512(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks);
void sha256_avx512(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks);
#endif

}  // namespace spate::hash
