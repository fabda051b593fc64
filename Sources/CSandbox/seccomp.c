#define _GNU_SOURCE // CLONE_THREAD
#include "csandbox.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>

/// Names that this architecture or this libseccomp does not know are none that a program could call.
static int add(scmp_filter_ctx context, uint32_t action, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int number = seccomp_syscall_resolve_name(names[i]);
        if (number == __NR_SCMP_ERROR)
            continue;
        int failure = seccomp_rule_add(context, action, number, 0);
        if (failure < 0)
            return failure;
    }
    return 0;
}

int csandbox_filter(const char *const *allowed, size_t allowed_count, const char *const *fatal, size_t fatal_count,
                    const int *families, size_t family_count) {
    // Not EPERM: the C library tries an older call only where the kernel has not the newer one.
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!context)
        return -ENOMEM;
    int failure = seccomp_attr_set(context, SCMP_FLTATR_CTL_TSYNC, 1);
    // A binary tree instead of one comparison for each call; older libraries have none.
    (void)seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (failure == 0)
        failure = add(context, SCMP_ACT_ALLOW, allowed, allowed_count);
    if (failure == 0)
        failure = add(context, SCMP_ACT_KILL_PROCESS, fatal, fatal_count);
    // Threads, but no processes. What clone3(2) is asked for lies in memory, where a filter cannot look.
    if (failure == 0) {
        failure = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                   SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    }
    for (size_t i = 0; failure == 0 && i < family_count; i++) {
        failure = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, families[i]));
    }
    if (failure == 0)
        failure = seccomp_load(context);
    seccomp_release(context);
    return failure;
}
