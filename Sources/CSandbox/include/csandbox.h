#pragma once

#include <stddef.h>
#include <stdint.h>

// Each function answers 0 or a descriptor, or a negative errno.

/// Lets neither this process nor one that it starts gain privileges by executing a file (prctl(2),
/// PR_SET_NO_NEW_PRIVS).
int csandbox_no_new_privileges(void);

// Landlock, by its system calls: glibc has no wrappers, and Debian 12's headers not all of its rights
// (https://docs.kernel.org/userspace-api/landlock.html).

/// The kernel's version of Landlock, from 1.
int csandbox_landlock_version(void);

/// A ruleset that denies these rights where no rule of it allows them.
int csandbox_landlock_ruleset(uint64_t files, uint64_t network, uint64_t scopes);

/// Allows these rights on what lies at `path` and beneath; of a file, only those that files have.
int csandbox_landlock_allow_path(int ruleset, const char *path, uint64_t rights);

/// Allows these rights on a TCP port.
int csandbox_landlock_allow_port(int ruleset, uint16_t port, uint64_t rights);

/// Puts the ruleset in force for the calling thread and those that it starts.
int csandbox_landlock_enter(int ruleset);

/// Lets through the system calls of those names, and ends the process at those of `fatal`; any other, a new process,
/// and a socket of a family that is not named, fails as one that the kernel does not have. In force for all threads.
int csandbox_filter(const char *const *allowed, size_t allowed_count, const char *const *fatal, size_t fatal_count,
                    const int *families, size_t family_count);
