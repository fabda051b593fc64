#include "ccrypto.h"

#include <openssl/evp.h>

bool ccrypto_sha256(const void *bytes, size_t count, unsigned char digest[32]) {
    return EVP_Digest(bytes, count, digest, NULL, EVP_sha256(), NULL) == 1;
}
