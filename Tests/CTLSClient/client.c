#include "ctls_client.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct ctls_client {
    SSL_CTX *context;
    SSL *ssl;
};

static bool use_own(SSL *ssl, const char *certificate_text, const char *key_text) {
    BIO *certificate_file = BIO_new_mem_buf(certificate_text, -1), *key_file = BIO_new_mem_buf(key_text, -1);
    X509 *certificate = PEM_read_bio_X509(certificate_file, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(key_file, NULL, NULL, NULL);
    const bool done = certificate != NULL && key != NULL && SSL_use_certificate(ssl, certificate) == 1 &&
                      SSL_use_PrivateKey(ssl, key) == 1;
    EVP_PKEY_free(key);
    X509_free(certificate);
    BIO_free(certificate_file);
    BIO_free(key_file);
    return done;
}

ctls_client *ctls_client_create(int descriptor, const struct ctls_client_options *options) {
    signal(SIGPIPE, SIG_IGN); // OpenSSL's BIO of a socket raises it
    ctls_client *client = calloc(1, sizeof *client);
    if (client == NULL)
        return NULL;
    client->context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(client->context, 0); // so that old versions are offered at all
    SSL_CTX_set_min_proto_version(client->context, options->minimum_version);
    SSL_CTX_set_max_proto_version(client->context, options->maximum_version);
    SSL_CTX_set_mode(client->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    client->ssl = SSL_new(client->context);
    SSL_set_fd(client->ssl, descriptor);
    SSL_set_connect_state(client->ssl);
    bool done = true;
    if (options->server_name != NULL)
        done = SSL_set_tlsext_host_name(client->ssl, options->server_name) == 1;
    if (options->protocols != NULL)
        done = done && SSL_set_alpn_protos(client->ssl, (const unsigned char *)options->protocols,
                                           (unsigned)strlen(options->protocols)) == 0;
    if (options->certificate != NULL)
        done = done && use_own(client->ssl, options->certificate, options->key);
    if (options->session != NULL)
        done = done && SSL_set_session(client->ssl, options->session) == 1;
    if (!done) {
        ctls_client_free(client);
        return NULL;
    }
    return client;
}

void ctls_client_free(ctls_client *client) {
    if (client == NULL)
        return;
    SSL_free(client->ssl);
    SSL_CTX_free(client->context);
    free(client);
}

static long outcome(ctls_client *client, int result) {
    switch (SSL_get_error(client->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return 0;
    case SSL_ERROR_ZERO_RETURN:
        return -1;
    default:
        return -2;
    }
}

int ctls_client_handshake(ctls_client *client) {
    ERR_clear_error();
    const int result = SSL_do_handshake(client->ssl);
    return result == 1 ? 1 : outcome(client, result) == 0 ? 0 : -1;
}

long ctls_client_read(ctls_client *client, void *bytes, size_t count) {
    ERR_clear_error();
    const int result = SSL_read(client->ssl, bytes, (int)count);
    return result > 0 ? result : outcome(client, result);
}

long ctls_client_write(ctls_client *client, const void *bytes, size_t count) {
    ERR_clear_error();
    const int result = SSL_write(client->ssl, bytes, (int)count);
    return result > 0 ? result : outcome(client, result);
}

bool ctls_client_update_keys(ctls_client *client) {
    ERR_clear_error();
    return SSL_key_update(client->ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1 && SSL_do_handshake(client->ssl) == 1;
}

void ctls_client_finish(ctls_client *client) { SSL_shutdown(client->ssl); }

const char *ctls_client_error(void) {
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason == NULL ? "no reason given" : reason;
}

const char *ctls_client_version(const ctls_client *client) { return SSL_get_version(client->ssl); }

bool ctls_client_has_protocol(const ctls_client *client, const char *name) {
    const unsigned char *chosen;
    unsigned int count;
    SSL_get0_alpn_selected(client->ssl, &chosen, &count);
    return count == strlen(name) && memcmp(chosen, name, count) == 0;
}

bool ctls_client_was_resumed(const ctls_client *client) { return SSL_session_reused(client->ssl) == 1; }

bool ctls_client_peer_is(const ctls_client *client, const char *name) {
    X509 *certificate = SSL_get0_peer_certificate(client->ssl);
    return certificate != NULL &&
           (X509_check_host(certificate, name, 0, 0, NULL) == 1 || X509_check_ip_asc(certificate, name, 0) == 1);
}

void ctls_client_peer_common_name(const ctls_client *client, char *text, size_t size) {
    X509 *certificate = SSL_get0_peer_certificate(client->ssl);
    text[0] = 0;
    if (certificate != NULL)
        X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text, (int)size);
}

void *ctls_client_session(const ctls_client *client) {
    SSL_SESSION *session = SSL_get1_session(client->ssl);
    if (session != NULL && !SSL_SESSION_is_resumable(session)) {
        SSL_SESSION_free(session);
        return NULL;
    }
    return session;
}

void ctls_client_session_free(void *session) { SSL_SESSION_free(session); }
