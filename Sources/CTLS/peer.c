#include "internal.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

bool ctls_session_has_peer(const ctls_session *session) { return SSL_get0_peer_certificate(session->ssl) != NULL; }

/// Copies after `prefix`; a name with a NUL in it is none: it would look like another one.
static long copy(const char *prefix, const unsigned char *name, int count, char *text, size_t size) {
    const size_t before = strlen(prefix);
    if (count < 0 || before + (size_t)count >= size || memchr(name, 0, (size_t)count) != NULL)
        return 0;
    memcpy(text, prefix, before);
    memcpy(text + before, name, (size_t)count);
    text[before + (size_t)count] = 0;
    return (long)before + count;
}

static long common_name(const X509 *certificate, char *text, size_t size) {
    const X509_NAME *subject = certificate == NULL ? NULL : X509_get_subject_name(certificate);
    const int index = subject == NULL ? -1 : X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (index < 0)
        return -1;
    unsigned char *utf8 = NULL;
    const int count = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
    const long length = count > 0 ? copy("", utf8, count, text, size) : 0;
    OPENSSL_free(utf8);
    return length > 0 ? length : -1;
}

long ctls_session_peer_common_name(const ctls_session *session, char *text, size_t size) {
    return common_name(SSL_get0_peer_certificate(session->ssl), text, size);
}

long ctls_context_common_name(const ctls_context *context, char *text, size_t size) {
    return common_name(SSL_CTX_get0_certificate(context->ssl), text, size);
}

static long copy_address(const ASN1_OCTET_STRING *address, char *text, size_t size) {
    char readable[INET6_ADDRSTRLEN];
    const int count = ASN1_STRING_length(address);
    const int family = count == 4 ? AF_INET : count == 16 ? AF_INET6 : AF_UNSPEC;
    if (family == AF_UNSPEC || inet_ntop(family, ASN1_STRING_get0_data(address), readable, sizeof readable) == NULL)
        return 0;
    return copy("IP:", (const unsigned char *)readable, (int)strlen(readable), text, size);
}

static long alternative_name(const X509 *certificate, int index, char *text, size_t size) {
    GENERAL_NAMES *names = certificate == NULL ? NULL : X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    long length = -1;
    if (names != NULL && index < sk_GENERAL_NAME_num(names)) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
        const char *prefix = name->type == GEN_DNS ? "DNS:" : name->type == GEN_URI ? "URI:" : "email:";
        switch (name->type) {
        case GEN_DNS:
        case GEN_URI:
        case GEN_EMAIL:
            length = copy(prefix, ASN1_STRING_get0_data(name->d.ia5), ASN1_STRING_length(name->d.ia5), text, size);
            break;
        case GEN_IPADD:
            length = copy_address(name->d.iPAddress, text, size);
            break;
        default:
            length = 0;
        }
    }
    GENERAL_NAMES_free(names);
    return length;
}

long ctls_session_peer_alternative_name(const ctls_session *session, int index, char *text, size_t size) {
    return alternative_name(SSL_get0_peer_certificate(session->ssl), index, text, size);
}

long ctls_context_alternative_name(const ctls_context *context, int index, char *text, size_t size) {
    return alternative_name(SSL_CTX_get0_certificate(context->ssl), index, text, size);
}
