#include "internal.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <stdlib.h>

/// Of new keys (RFC 8446 section 4.6.3) and renegotiation, which is declined. A client needs new keys after gigabytes
/// (section 5.5); one that sends little else costs more than it may.
static const int maximum_messages = 100;

void session_progressed(const SSL *ssl, int where, int result) {
    (void)result;
    ctls_session *session = SSL_get_app_data(ssl);
    if (session->is_established && where == SSL_CB_ACCEPT_EXIT)
        session->messages++;
}

ctls_session *ctls_session_create(ctls_context *context, int descriptor) {
    ctls_session *session = calloc(1, sizeof *session);
    if (session == NULL)
        return NULL;
    session->descriptor = descriptor;
    session->keys = context->keys;
    session->ssl = SSL_new(context->ssl);
    BIO *bio = session->ssl == NULL ? NULL : socket_bio_create(session);
    if (bio == NULL) {
        ctls_session_free(session);
        return NULL;
    }
    SSL_set_app_data(session->ssl, session);
    SSL_set_bio(session->ssl, bio, bio);
    SSL_set_accept_state(session->ssl);
    return session;
}

void ctls_session_free(ctls_session *session) {
    if (session == NULL)
        return;
    SSL_free(session->ssl);
    free(session);
}

enum ctls_handshake ctls_session_handshake(ctls_session *session) {
    ERR_clear_error();
    const int result = SSL_do_handshake(session->ssl);
    switch (SSL_get_error(session->ssl, result)) {
    case SSL_ERROR_NONE:
        session->is_established = true;
        return ctls_handshake_done;
    case SSL_ERROR_WANT_READ:
        return ctls_handshake_reads;
    case SSL_ERROR_WANT_WRITE:
        return ctls_handshake_writes;
    default:
        session->is_broken = true;
        return ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_HTTP_REQUEST ? ctls_handshake_plain_http
                                                                           : ctls_handshake_failed;
    }
}

/// What an operation that moved nothing came to.
static long outcome(ctls_session *session, int result) {
    switch (SSL_get_error(session->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return ctls_would_block;
    // SSL_ERROR_WANT_WRITE, too, is no reason to wait: a client that asks for new keys (RFC 8446 section 4.6.3) and
    // takes no answer would be found to have sent something again and again.
    case SSL_ERROR_ZERO_RETURN:
        return ctls_ended;
    default:
        session->is_broken = true;
        return ctls_broken;
    }
}

/// How much `take` (to read or to peek) gets, past messages that are no content; else as ctls_session_read.
static long receive(ctls_session *session, int (*take)(SSL *, void *, size_t, size_t *), void *bytes, size_t count) {
    while (session->messages <= maximum_messages) {
        ERR_clear_error();
        const int before = session->messages;
        session->is_drained = false;
        size_t taken = 0;
        const int result = take(session->ssl, bytes, count, &taken);
        if (result == 1)
            return (long)taken;
        const long what = outcome(session, result);
        if (what != ctls_would_block || session->is_drained || session->messages == before)
            return what;
    }
    session->is_broken = true;
    return ctls_broken;
}

long ctls_session_read(ctls_session *session, void *bytes, size_t count) {
    return receive(session, SSL_read_ex, bytes, count);
}

bool ctls_session_has_pending(const ctls_session *session) { return SSL_has_pending(session->ssl) == 1; }

bool ctls_session_is_at_end(ctls_session *session) {
    char byte;
    return receive(session, SSL_peek_ex, &byte, 1) < 0;
}

long ctls_session_write(ctls_session *session, const void *bytes, size_t count) {
    ERR_clear_error();
    size_t written = 0;
    const int result = SSL_write_ex(session->ssl, bytes, count, &written);
    if (result == 1)
        return (long)written;
    // Without renegotiation a write never waits for the client to send.
    const long what = SSL_get_error(session->ssl, result) == SSL_ERROR_WANT_WRITE ? ctls_would_block : ctls_broken;
    session->is_broken |= what == ctls_broken;
    return what;
}

void ctls_session_finish(ctls_session *session) {
    if (session->is_broken || !SSL_is_init_finished(session->ssl))
        return;
    ERR_clear_error();
    SSL_shutdown(session->ssl);
}

bool ctls_session_was_resumed(const ctls_session *session) { return SSL_session_reused(session->ssl) == 1; }
