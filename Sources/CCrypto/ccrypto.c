#include "ccrypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

bool ccrypto_sha256(const void *bytes, size_t count, unsigned char digest[32]) {
    return EVP_Digest(bytes, count, digest, NULL, EVP_sha256(), NULL) == 1;
}

void *ccrypto_sha256_begin(void) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(context);
        return NULL;
    }
    return context;
}

bool ccrypto_sha256_add(void *context, const void *bytes, size_t count) {
    return EVP_DigestUpdate(context, bytes, count) == 1;
}

bool ccrypto_sha256_end(void *context, unsigned char digest[32]) {
    const bool done = digest == NULL || EVP_DigestFinal_ex(context, digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    return done;
}

bool ccrypto_equal(const void *left, const void *right, size_t count) { return CRYPTO_memcmp(left, right, count) == 0; }
