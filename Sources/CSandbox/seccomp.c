#include "csandbox.h"

#include <errno.h>
#include <seccomp.h>

static uint32_t action(int outcome) {
    return outcome == 0 ? SCMP_ACT_ALLOW : outcome < 0 ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO((uint32_t)outcome);
}

void *csandbox_filter(int outcome) {
    scmp_filter_ctx filter = seccomp_init(action(outcome));
    if (filter) {
        // A binary tree instead of one comparison for each call; older libraries have none.
        (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    }
    return filter;
}

int csandbox_filter_add(void *filter, int outcome, const char *call, const struct csandbox_condition *conditions,
                        size_t count) {
    struct scmp_arg_cmp comparisons[6];
    if (count > sizeof comparisons / sizeof *comparisons)
        return -EINVAL;
    // What this architecture or this libseccomp does not know is no call that a program could make.
    int number = seccomp_syscall_resolve_name(call);
    if (number == __NR_SCMP_ERROR)
        return 0;
    for (size_t i = 0; i < count; i++) {
        struct csandbox_condition is = conditions[i];
        comparisons[i] = is.differs
                             ? (struct scmp_arg_cmp){is.argument, SCMP_CMP_NE, is.value, 0}
                             : (struct scmp_arg_cmp){is.argument, SCMP_CMP_MASKED_EQ, is.mask, is.value & is.mask};
    }
    return seccomp_rule_add_array(filter, action(outcome), number, (unsigned)count, comparisons);
}

int csandbox_filter_enter(void *filter) {
    int failure = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (failure == 0)
        failure = seccomp_load(filter);
    return failure;
}

void csandbox_filter_free(void *filter) { seccomp_release(filter); }
