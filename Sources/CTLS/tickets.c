#include "internal.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/// Also how long a session may be resumed. A key encrypts for this long and decrypts for as long again; then it is
/// forgotten, and what it protected with it.
static const time_t lifetime = 2 * 60 * 60;

struct ticket_key {
    unsigned char name[16];
    unsigned char encryption[32];
    unsigned char authentication[32];
};

struct ticket_keys {
    pthread_mutex_t lock;
    struct ticket_key current, previous;
    bool has_previous;
    time_t since;
};

static time_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

/// False, with everything as it was, where there are no random numbers.
static bool rotate(struct ticket_keys *keys) {
    const time_t time = now();
    if (time - keys->since < lifetime)
        return true;
    struct ticket_key next;
    if (RAND_bytes((unsigned char *)&next, sizeof next) != 1)
        return false;
    keys->has_previous = time - keys->since < 2 * lifetime;
    if (keys->has_previous)
        keys->previous = keys->current;
    else
        OPENSSL_cleanse(&keys->previous, sizeof keys->previous);
    keys->current = next;
    OPENSSL_cleanse(&next, sizeof next);
    keys->since = time;
    return true;
}

/// Copies the key to encrypt with, or the one of that name, whose age it tells as OpenSSL wants it; 0 where there is
/// none.
static int find(struct ticket_keys *keys, unsigned char name[16], bool encrypts, struct ticket_key *found) {
    int result = 0;
    pthread_mutex_lock(&keys->lock);
    if (!rotate(keys)) {
        result = -1;
    } else if (encrypts) {
        *found = keys->current;
        result = 1;
    } else if (memcmp(name, keys->current.name, 16) == 0) {
        *found = keys->current;
        result = 1;
    } else if (keys->has_previous && memcmp(name, keys->previous.name, 16) == 0) {
        *found = keys->previous;
        result = 2; // the client gets a ticket of the current key
    }
    pthread_mutex_unlock(&keys->lock);
    return result;
}

static int on_ticket(SSL *ssl, unsigned char name[16], unsigned char iv[EVP_MAX_IV_LENGTH], EVP_CIPHER_CTX *cipher,
                     EVP_MAC_CTX *mac, int encrypts) {
    struct ticket_key key;
    // Not those of the context that the client's name may have led to: a ticket is read before the name is looked at.
    const ctls_session *session = SSL_get_app_data(ssl);
    const int result = find(session->keys, name, encrypts, &key);
    if (result <= 0)
        return result;
    if (encrypts) {
        memcpy(name, key.name, sizeof key.name);
        if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1)
            return -1;
    }
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.authentication, sizeof key.authentication),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "sha256", 0), OSSL_PARAM_construct_end()};
    const bool done = EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key.encryption, iv, encrypts) == 1 &&
                      EVP_MAC_CTX_set_params(mac, parameters) == 1;
    OPENSSL_cleanse(&key, sizeof key);
    return done ? result : -1;
}

/// A ticket of a client whose certificate has expired since is as none: the client must show a valid one.
static SSL_TICKET_RETURN on_session(SSL *ssl, SSL_SESSION *session, const unsigned char *name, size_t length,
                                    SSL_TICKET_STATUS status, void *argument) {
    (void)ssl, (void)name, (void)length, (void)argument;
    if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    const X509 *certificate = SSL_SESSION_get0_peer(session);
    if (certificate != NULL && X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

struct ticket_keys *ticket_keys_create(SSL_CTX *context) {
    struct ticket_keys *keys = calloc(1, sizeof *keys);
    if (keys == NULL)
        return NULL;
    keys->since = now();
    if (RAND_bytes((unsigned char *)&keys->current, sizeof keys->current) != 1) {
        free(keys);
        return NULL;
    }
    pthread_mutex_init(&keys->lock, NULL);
    SSL_CTX_set_timeout(context, (long)lifetime);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
    SSL_CTX_set_session_ticket_cb(context, NULL, on_session, NULL);
    return keys;
}

void ticket_keys_free(struct ticket_keys *keys) {
    if (keys == NULL)
        return;
    pthread_mutex_destroy(&keys->lock);
    OPENSSL_cleanse(keys, sizeof *keys);
    free(keys);
}
