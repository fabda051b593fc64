#define _GNU_SOURCE // O_PATH
#include "csandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The same numbers on every architecture.
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };
enum { CREATE_RULESET_VERSION = 1, RULE_PATH_BENEATH = 1, RULE_NET_PORT = 2 };

// Execute, write, read, truncate, and ioctl of devices: all rights that are not of folders.
static const uint64_t file_rights = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15;

struct ruleset_attributes {
    uint64_t handled_access_fs, handled_access_net, scoped;
};

struct path_beneath {
    uint64_t allowed_access;
    int32_t parent;
} __attribute__((packed));

struct net_port {
    uint64_t allowed_access, port;
};

static int result(long value) { return value < 0 ? -errno : (int)value; }

int csandbox_no_new_privileges(void) { return result(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)); }

int csandbox_landlock_version(void) { return result(syscall(CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION)); }

int csandbox_landlock_ruleset(uint64_t files, uint64_t network, uint64_t scopes) {
    struct ruleset_attributes attributes = {files, network, scopes};
    // Older kernels know a shorter structure, and take a longer one whose rest is zero.
    return result(syscall(CREATE_RULESET, &attributes, sizeof attributes, 0));
}

int csandbox_landlock_allow_path(int ruleset, const char *path, uint64_t rights) {
    int descriptor = open(path, O_PATH | O_CLOEXEC);
    if (descriptor < 0)
        return 0;
    struct stat status;
    int failure = result(fstat(descriptor, &status));
    if (failure == 0 && !S_ISDIR(status.st_mode))
        rights &= file_rights;
    if (failure == 0 && rights != 0) {
        struct path_beneath rule = {rights, descriptor};
        failure = result(syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0));
    }
    close(descriptor);
    // A pipe or a namespace, by a link to /proc, lies in no folder.
    return failure == -EBADFD ? 0 : failure;
}

int csandbox_landlock_allow_port(int ruleset, uint16_t port, uint64_t rights) {
    struct net_port rule = {rights, port};
    return result(syscall(ADD_RULE, ruleset, RULE_NET_PORT, &rule, 0));
}

int csandbox_landlock_enter(int ruleset) { return result(syscall(RESTRICT_SELF, ruleset, 0)); }
