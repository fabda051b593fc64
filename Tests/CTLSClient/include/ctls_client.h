#pragma once

#include <stdbool.h>
#include <stddef.h>

/// A TLS client by OpenSSL on a socket that does not block, and certificates for tests.
typedef struct ctls_client ctls_client;

struct ctls_client_options {
    /// For SNI; null sends none.
    const char *server_name;
    /// 0x0301 is TLS 1.0 …  0x0304 is TLS 1.3; 0 leaves it to OpenSSL.
    int minimum_version, maximum_version;
    /// As ALPN has them, each after its length; null offers none.
    const char *protocols;
    /// PEM of the client's own certificate and key; null shows none.
    const char *certificate, *key;
    /// Of an earlier connection, from ctls_client_session; null begins anew.
    void *session;
};

/// Null where OpenSSL refuses. Trusts whatever the server shows.
ctls_client *ctls_client_create(int descriptor, const struct ctls_client_options *options);
void ctls_client_free(ctls_client *client);

/// 1 when it is done, 0 when it must wait, -1 when it has failed.
int ctls_client_handshake(ctls_client *client);
/// How many bytes were moved; 0 would wait, -1 the server has said that nothing more comes, -2 cut off.
long ctls_client_read(ctls_client *client, void *bytes, size_t count);
long ctls_client_write(ctls_client *client, const void *bytes, size_t count);
/// Says that new keys are used from now on, and uses them; false where that fails or must wait.
bool ctls_client_update_keys(ctls_client *client);
/// Tells the server that nothing more comes.
void ctls_client_finish(ctls_client *client);

const char *ctls_client_error(void);
const char *ctls_client_version(const ctls_client *client);
bool ctls_client_has_protocol(const ctls_client *client, const char *name);
bool ctls_client_was_resumed(const ctls_client *client);
/// Whether the server's certificate is for that name or address.
bool ctls_client_peer_is(const ctls_client *client, const char *name);
/// Writes the common name of the server's certificate.
void ctls_client_peer_common_name(const ctls_client *client, char *text, size_t size);
/// To be freed with ctls_client_session_free; null where there is none to resume yet.
void *ctls_client_session(const ctls_client *client);
void ctls_client_session_free(void *session);

/// Writes a certificate and its key as PEM, valid from and to these seconds from now. It is signed by the issuer's key,
/// or by its own where that is null. The key gets a passphrase unless that is null.
bool ctls_make_certificate(const char *common_name, const char *alternative_names, bool is_authority, long from,
                           long to, const char *issuer_certificate, const char *issuer_key, const char *passphrase,
                           char *certificate, char *key, size_t size);
