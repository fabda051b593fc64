#ifndef CCRYPTO_H
#define CCRYPTO_H

#include <stdbool.h>
#include <stddef.h>

/// Writes the SHA-256 (FIPS 180-4) of `count` bytes to `digest`, computed by OpenSSL's libcrypto.
/// False where libcrypto refuses, which leaves `digest` undefined.
bool ccrypto_sha256(const void *bytes, size_t count, unsigned char digest[32]);

#endif
