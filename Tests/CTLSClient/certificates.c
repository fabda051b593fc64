#include "ctls_client.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

static void add_extension(X509 *certificate, int kind, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
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

bool ctls_make_certificate(const char *common_name, const char *alternative_names, bool is_authority, long from,
                           long to, const char *issuer_certificate, const char *issuer_key, const char *passphrase,
                           char *certificate_text, char *key_text, size_t size) {
    static long serial = 1000;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate), from);
    X509_gmtime_adj(X509_getm_notAfter(certificate), to);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0);
    add_extension(certificate, NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (alternative_names != NULL)
        add_extension(certificate, NID_subject_alt_name, alternative_names);
    X509 *issuer = NULL;
    EVP_PKEY *signer = NULL;
    if (issuer_certificate != NULL) {
        BIO *file = BIO_new_mem_buf(issuer_certificate, -1);
        issuer = PEM_read_bio_X509(file, NULL, NULL, NULL);
        BIO_free(file);
        file = BIO_new_mem_buf(issuer_key, -1);
        signer = PEM_read_bio_PrivateKey(file, NULL, NULL, NULL);
        BIO_free(file);
    }
    X509_set_issuer_name(certificate, issuer == NULL ? name : X509_get_subject_name(issuer));
    BIO *certificate_file = BIO_new(BIO_s_mem()), *key_file = BIO_new(BIO_s_mem());
    const bool done = X509_sign(certificate, signer == NULL ? key : signer, EVP_sha256()) > 0 &&
                      PEM_write_bio_X509(certificate_file, certificate) == 1 &&
                      PEM_write_bio_PKCS8PrivateKey(key_file, key, passphrase == NULL ? NULL : EVP_aes_256_cbc(), NULL,
                                                    0, NULL, (void *)passphrase) == 1 &&
                      copy(certificate_file, certificate_text, size) && copy(key_file, key_text, size);
    BIO_free(certificate_file);
    BIO_free(key_file);
    X509_free(issuer);
    EVP_PKEY_free(signer);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return done;
}
