#include "ctls.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>

static bool add_extension(X509 *certificate, int kind, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    const bool done = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

/// RFC 5280 section 4.1.2.2: positive, at most 20 bytes, and here not to be guessed.
static bool set_serial(X509 *certificate) {
    BIGNUM *number = BN_new();
    const bool done = number != NULL && BN_rand(number, 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                      BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return done;
}

static bool describe(X509 *certificate, EVP_PKEY *key, const char *names, int days) {
    X509_NAME *subject = X509_get_subject_name(certificate);
    // An hour back, for clients whose clocks are late.
    return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), days * 86400L) != NULL &&
           X509_set_pubkey(certificate, key) == 1 &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)"martlet", -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1 && add_extension(certificate, NID_subject_alt_name, names) &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth");
}

static bool copy(BIO *memory, char *text, size_t size) {
    char *bytes;
    const long count = BIO_get_mem_data(memory, &bytes);
    if (count <= 0 || (size_t)count >= size)
        return false;
    memcpy(text, bytes, (size_t)count);
    text[count] = 0;
    return true;
}

bool ctls_make_self_signed(const char *names, int days, char *certificate_text, size_t certificate_size, char *key_text,
                           size_t key_size) {
    ERR_clear_error();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    BIO *certificate_file = BIO_new(BIO_s_mem());
    BIO *key_file = BIO_new(BIO_s_secmem());
    const bool done = key != NULL && certificate != NULL && certificate_file != NULL && key_file != NULL &&
                      describe(certificate, key, names, days) && X509_sign(certificate, key, EVP_sha256()) > 0 &&
                      PEM_write_bio_X509(certificate_file, certificate) == 1 &&
                      PEM_write_bio_PKCS8PrivateKey(key_file, key, NULL, NULL, 0, NULL, NULL) == 1 &&
                      copy(certificate_file, certificate_text, certificate_size) && copy(key_file, key_text, key_size);
    BIO_free(key_file);
    BIO_free(certificate_file);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return done;
}
