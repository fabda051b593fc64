#pragma once

#include <stdbool.h>
#include <stddef.h>

/// Server-side TLS 1.2 and 1.3 by OpenSSL, as much of it as the HTTP server needs. No function blocks; none raises
/// SIGPIPE. Where OpenSSL refuses, ctls_error says why.
typedef struct ctls_context ctls_context;
typedef struct ctls_session ctls_session;

/// Writes why the last call of this thread failed, in OpenSSL's words.
void ctls_error(char *text, size_t size);

// MARK: Contexts, shared by all connections that one certificate serves

/// Versions, ciphers and ALPN are fixed: RFC 9325, Mozilla's "intermediate". Null where OpenSSL refuses.
ctls_context *ctls_context_create(void);
void ctls_context_free(ctls_context *context);

enum ctls_result {
    ctls_ok,
    ctls_failed,
    ctls_expired,
    ctls_not_yet_valid,
    ctls_encrypted,
    /// The key is not the certificate's.
    ctls_mismatch
};

/// Takes a certificate and the chain that follows it in `pem`.
enum ctls_result ctls_context_use_certificate(ctls_context *context, const void *pem, size_t count);
/// When the certificate ends, in seconds since 1970; 0 where it does not say.
long long ctls_context_expiry(const ctls_context *context);
/// Of the certificate, as ctls_session_peer_common_name and ctls_session_peer_alternative_name of a client's.
long ctls_context_common_name(const ctls_context *context, char *text, size_t size);
long ctls_context_alternative_name(const ctls_context *context, int index, char *text, size_t size);
/// Takes the private key of the certificate that is there.
enum ctls_result ctls_context_use_key(ctls_context *context, const void *pem, size_t count);
/// Asks clients for a certificate that one of `pem` vouches for; turns others away, and, where it is `required`, those
/// that have none.
enum ctls_result ctls_context_verify_clients(ctls_context *context, const void *pem, size_t count, bool required);
/// Has clients that ask for a name of the other's certificate served by it. `other` lives as long as `context`.
bool ctls_context_add_name(ctls_context *context, ctls_context *other);

/// Writes a new key and a certificate for it, signed by itself and valid for `days`, as PEM. Names are as in
/// "DNS:localhost,IP:127.0.0.1". False where OpenSSL refuses or there is no room.
bool ctls_make_self_signed(const char *names, int days, char *certificate, size_t certificate_size, char *key,
                           size_t key_size);

// MARK: Sessions, one for each connection

/// Does not take over the descriptor, which must not block.
ctls_session *ctls_session_create(ctls_context *context, int descriptor);
void ctls_session_free(ctls_session *session);

enum ctls_handshake {
    ctls_handshake_done,
    ctls_handshake_reads,
    ctls_handshake_writes,
    ctls_handshake_failed,
    /// The client speaks HTTP without TLS.
    ctls_handshake_plain_http
};

enum ctls_handshake ctls_session_handshake(ctls_session *session);

enum { ctls_would_block = 0, ctls_ended = -1, ctls_broken = -2 };

/// How many bytes were read; else one of the above: the client has said that nothing more comes, or the connection was
/// cut without that.
long ctls_session_read(ctls_session *session, void *bytes, size_t count);
/// Whether bytes that have been received wait to be read.
bool ctls_session_has_pending(const ctls_session *session);
/// Whether the client has said that nothing more comes, or the connection is cut, and nothing waits to be read.
bool ctls_session_is_at_end(ctls_session *session);
/// How many bytes were written, at most a record's; else ctls_would_block or ctls_broken. What would block must be
/// given again from the same byte on.
long ctls_session_write(ctls_session *session, const void *bytes, size_t count);
/// Tells the client that nothing more comes, where the connection is not broken.
void ctls_session_finish(ctls_session *session);

bool ctls_session_was_resumed(const ctls_session *session);
/// Whether the client has shown a certificate. It is valid: others are turned away.
bool ctls_session_has_peer(const ctls_session *session);
/// Writes the subject's common name, with a NUL; the length, -1 where there is none that fits and has no NUL in it.
long ctls_session_peer_common_name(const ctls_session *session, char *text, size_t size);
/// Writes the alternative name of that index as in "DNS:a.example", "URI:…", "email:…" or "IP:…", with a NUL. The
/// length; 0 for a name of another kind, -1 past the last.
long ctls_session_peer_alternative_name(const ctls_session *session, int index, char *text, size_t size);
