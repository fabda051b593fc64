#define _GNU_SOURCE

#include "cpu_affinity.h"

#include <unistd.h>

#if defined(__linux__)
#include <sched.h>
#endif

int cpu_affinity(int *cpus, int capacity) {
#if defined(__linux__)
    // The kernel refuses a mask smaller than its own: room for 32,768 processors.
    cpu_set_t mask[32];
    if (sched_getaffinity(0, sizeof mask, mask) == 0) {
        int count = 0;
        for (int cpu = 0; cpu < (int)(8 * sizeof mask) && count < capacity; cpu++) {
            if (CPU_ISSET_S((size_t)cpu, sizeof mask, mask)) {
                cpus[count++] = cpu;
            }
        }
        return count;
    }
#endif
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    int count = 0;
    for (; count < online && count < capacity; count++) {
        cpus[count] = count;
    }
    return count;
}
