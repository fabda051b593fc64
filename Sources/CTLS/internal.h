#pragma once

#include "ctls.h"

#include <openssl/ssl.h>

struct ctls_context {
    SSL_CTX *ssl;
    struct ticket_keys *keys;
    /// Of other certificates, by whose names they are chosen.
    ctls_context **others;
    size_t other_count;
};

struct ctls_session {
    SSL *ssl;
    int descriptor;
    struct ticket_keys *keys;
    /// After it, OpenSSL must not be asked to send anything.
    bool is_broken;
    bool is_established;
    /// All that had been received has been read.
    bool is_drained;
    /// Messages other than content since the handshake.
    int messages;
};

/// OpenSSL tells by it of the end of the handshake, and of each message other than content after it.
void session_progressed(const SSL *ssl, int where, int result);

/// Keys of session tickets that change from time to time (RFC 5077 section 5.5). Null where there is no memory.
struct ticket_keys *ticket_keys_create(SSL_CTX *context);
void ticket_keys_free(struct ticket_keys *keys);

/// A BIO on the session's descriptor; null where OpenSSL refuses.
BIO *socket_bio_create(ctls_session *session);
