#ifndef CCRYPTO_H
#define CCRYPTO_H

#include <stdbool.h>
#include <stddef.h>

/// Writes the SHA-256 (FIPS 180-4) of `count` bytes to `digest`, computed by OpenSSL's libcrypto.
/// False where libcrypto refuses, which leaves `digest` undefined.
bool ccrypto_sha256(const void *bytes, size_t count, unsigned char digest[32]);

/// The same for bytes that come in parts. Null where libcrypto refuses; else to be given to ccrypto_sha256_end.
void *ccrypto_sha256_begin(void);
bool ccrypto_sha256_add(void *context, const void *bytes, size_t count);

/// Writes the digest, unless that is null, and frees the context.
bool ccrypto_sha256_end(void *context, unsigned char digest[32]);

/// Whether two secrets are equal, in a time that does not depend on where they differ.
bool ccrypto_equal(const void *left, const void *right, size_t count);

#endif
