#define _GNU_SOURCE

#include "cpu_affinity.h"

#include <unistd.h>

#if defined(__linux__)
#include <sched.h>
#endif

int cpu_affinity_count(void) {
#if defined(__linux__)
    // The kernel refuses a mask smaller than its own: room for 32,768 cores.
    cpu_set_t mask[32];
    if (sched_getaffinity(0, sizeof mask, mask) == 0) {
        return CPU_COUNT_S(sizeof mask, mask);
    }
#endif
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}
