#include "internal.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/// Mozilla's "intermediate", without finite-field Diffie-Hellman, which costs ten times as much. TLS 1.3 has its own.
static const char ciphers[] = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
                              "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

void ctls_error(char *text, size_t size) {
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    strncpy(text, reason == NULL ? "no reason given" : reason, size - 1);
    text[size - 1] = 0;
    ERR_clear_error();
}

/// RFC 7301 section 3.2: a client that speaks only other protocols is told so, and turned away.
static int on_protocols(SSL *ssl, const unsigned char **chosen, unsigned char *length, const unsigned char *offered,
                        unsigned int count, void *argument) {
    (void)ssl, (void)argument;
    static const unsigned char spoken[] = "\x08http/1.1";
    const int result =
        SSL_select_next_proto((unsigned char **)chosen, length, spoken, sizeof spoken - 1, offered, count);
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static bool serves(const ctls_context *context, const char *name) {
    X509 *certificate = SSL_CTX_get0_certificate(context->ssl);
    return certificate != NULL && X509_check_host(certificate, name, strlen(name), 0, NULL) == 1;
}

/// The first certificate that has the name; the default where none has (RFC 6066 section 3 lets a server go on).
static int on_name(SSL *ssl, int *alert, void *argument) {
    (void)alert;
    const ctls_context *context = argument;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == NULL || serves(context, name))
        return SSL_TLSEXT_ERR_OK;
    for (size_t i = 0; i < context->other_count; i++) {
        if (serves(context->others[i], name)) {
            SSL_set_SSL_CTX(ssl, context->others[i]->ssl);
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_OK;
}

/// There is nobody to ask for a passphrase.
static int no_passphrase(char *buffer, int size, int writes, void *was_asked) {
    (void)buffer, (void)size, (void)writes;
    *(bool *)was_asked = true;
    return -1;
}

ctls_context *ctls_context_create(void) {
    ERR_clear_error();
    ctls_context *context = calloc(1, sizeof *context);
    if (context == NULL)
        return NULL;
    SSL_CTX *ssl = context->ssl = SSL_CTX_new(TLS_server_method());
    if (ssl == NULL || (context->keys = ticket_keys_create(ssl)) == NULL ||
        SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION) != 1 || SSL_CTX_set_cipher_list(ssl, ciphers) != 1 ||
        SSL_CTX_set1_groups_list(ssl, "X25519:P-256:P-384") != 1 ||
        SSL_CTX_set_session_id_context(ssl, (const unsigned char *)"martlet", 7) != 1) {
        ctls_context_free(context);
        return NULL;
    }
    SSL_CTX_set_security_level(ssl, 2);
    SSL_CTX_set_options(ssl, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    // Idle connections give their buffers back; a record, and with it a request, costs one call to receive.
    SSL_CTX_set_mode(ssl,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(ssl, 1);
    // A read must come back after each message that is no content: as long as they come it would hold up everybody
    // else.
    SSL_CTX_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_info_callback(ssl, session_progressed);
    // Sessions are in their tickets, not here.
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ssl, 1);
    SSL_CTX_set_max_cert_list(ssl, 32 << 10);
    SSL_CTX_set_alpn_select_cb(ssl, on_protocols, NULL);
    SSL_CTX_set_tlsext_servername_callback(ssl, on_name);
    SSL_CTX_set_tlsext_servername_arg(ssl, context);
    return context;
}

void ctls_context_free(ctls_context *context) {
    if (context == NULL)
        return;
    SSL_CTX_free(context->ssl);
    ticket_keys_free(context->keys);
    free(context->others);
    free(context);
}

enum ctls_result ctls_context_use_certificate(ctls_context *context, const void *pem, size_t count) {
    ERR_clear_error();
    BIO *file = count > 1 << 24 ? NULL : BIO_new_mem_buf(pem, (int)count);
    X509 *certificate = file == NULL ? NULL : PEM_read_bio_X509_AUX(file, NULL, NULL, NULL);
    enum ctls_result result = certificate == NULL ? ctls_failed : ctls_ok;
    if (result == ctls_ok && X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
        result = ctls_expired;
    if (result == ctls_ok && X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
        result = ctls_not_yet_valid;
    if (result == ctls_ok && SSL_CTX_use_certificate(context->ssl, certificate) != 1)
        result = ctls_failed;
    X509_free(certificate);
    while (result == ctls_ok) {
        X509 *issuer = PEM_read_bio_X509(file, NULL, NULL, NULL);
        if (issuer == NULL) {
            // The end of the file, unless something is broken there.
            if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
                result = ctls_failed;
            break;
        }
        if (SSL_CTX_add0_chain_cert(context->ssl, issuer) != 1) {
            X509_free(issuer);
            result = ctls_failed;
        }
    }
    BIO_free(file);
    return result;
}

long long ctls_context_expiry(const ctls_context *context) {
    const X509 *certificate = SSL_CTX_get0_certificate(context->ssl);
    struct tm end;
    if (certificate == NULL || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1)
        return 0;
    return timegm(&end);
}

enum ctls_result ctls_context_use_key(ctls_context *context, const void *pem, size_t count) {
    ERR_clear_error();
    bool was_asked = false;
    BIO *file = count > 1 << 24 ? NULL : BIO_new_mem_buf(pem, (int)count);
    EVP_PKEY *key = file == NULL ? NULL : PEM_read_bio_PrivateKey(file, NULL, no_passphrase, &was_asked);
    enum ctls_result result = ctls_ok;
    if (key == NULL)
        result = was_asked ? ctls_encrypted : ctls_failed;
    else if (X509_check_private_key(SSL_CTX_get0_certificate(context->ssl), key) != 1)
        result = ctls_mismatch;
    else if (SSL_CTX_use_PrivateKey(context->ssl, key) != 1)
        result = ctls_failed;
    EVP_PKEY_free(key);
    BIO_free(file);
    return result;
}

enum ctls_result ctls_context_verify_clients(ctls_context *context, const void *pem, size_t count, bool required) {
    ERR_clear_error();
    BIO *file = count > 1 << 24 ? NULL : BIO_new_mem_buf(pem, (int)count);
    X509_STORE *store = SSL_CTX_get_cert_store(context->ssl);
    int found = 0;
    X509 *authority;
    while (file != NULL && (authority = PEM_read_bio_X509(file, NULL, NULL, NULL)) != NULL) {
        const bool added =
            X509_STORE_add_cert(store, authority) == 1 && SSL_CTX_add_client_CA(context->ssl, authority) == 1;
        X509_free(authority);
        if (!added) {
            BIO_free(file);
            return ctls_failed;
        }
        found++;
    }
    BIO_free(file);
    if (found == 0 || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        return ctls_failed;
    SSL_CTX_set_verify(context->ssl, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), NULL);
    return ctls_ok;
}

bool ctls_context_add_name(ctls_context *context, ctls_context *other) {
    ctls_context **others = realloc(context->others, (context->other_count + 1) * sizeof *others);
    if (others == NULL)
        return false;
    others[context->other_count++] = other;
    context->others = others;
    return true;
}
