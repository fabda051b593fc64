#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Each function answers 0 or a descriptor, or a negative errno.

/// Lets neither this process nor one that it starts gain privileges by executing a file (prctl(2),
/// PR_SET_NO_NEW_PRIVS).
int csandbox_no_new_privileges(void);

/// Gives up the capabilities (capabilities(7)) of the calling thread, and of those that it starts, but two: to bind
/// ports below 1024, and to open files of other users, which Landlock confines.
int csandbox_keep_capabilities(void);

// Landlock, by its system calls: glibc has no wrappers, and Debian 12's headers not all of its rights
// (https://docs.kernel.org/userspace-api/landlock.html).

/// The kernel's version of Landlock, from 1.
int csandbox_landlock_version(void);

/// A ruleset that denies these rights where no rule of it allows them.
int csandbox_landlock_ruleset(uint64_t files, uint64_t network, uint64_t scopes);

/// Allows these rights on what lies at `path` and beneath; of a file, only those that files have. Does nothing where
/// there is nothing to allow: at a path that cannot be opened, such as a link that leads nowhere.
int csandbox_landlock_allow_path(int ruleset, const char *path, uint64_t rights);

/// Allows these rights on a TCP port.
int csandbox_landlock_allow_port(int ruleset, uint16_t port, uint64_t rights);

/// Puts the ruleset in force for the calling thread and those that it starts.
int csandbox_landlock_enter(int ruleset);

// seccomp, by libseccomp. What becomes of a system call: 0 lets it through, an errno is how it fails, and -1 ends the
// process.

/// Holds where the argument's bits under `mask` are `value`, or, with `differs`, where the argument is not `value`. The
/// kernel reads fewer bits of many arguments than a register has: `mask` has only those.
struct csandbox_condition {
    unsigned argument;
    bool differs;
    uint64_t mask, value;
};

/// A filter that does `outcome` where no rule of it says otherwise; null where there is no memory.
void *csandbox_filter(int outcome);

/// Does `outcome` at the system call of this name where all conditions hold.
int csandbox_filter_add(void *filter, int outcome, const char *call, const struct csandbox_condition *conditions,
                        size_t count);

/// Puts the filter in force for all threads, in addition to those that are.
int csandbox_filter_enter(void *filter);

void csandbox_filter_free(void *filter);
