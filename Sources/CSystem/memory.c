#include "csystem.h"

#include <stdlib.h> // defines __GLIBC__

#ifdef __GLIBC__
#include <malloc.h>
#endif

void csystem_return_memory_early(void) {
#ifdef __GLIBC__
    // Blocks of 2 MiB and more get pages of their own, which go back when they are freed; glibc by itself raises that
    // limit up to 32 MiB. An ordinary request's buffers stay below it, those of a photo of 1920 × 1281 too: fresh pages
    // cost a fault for every 4 KiB.
    mallopt(M_MMAP_THRESHOLD, 2 << 20);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
    // The rest shares one heap instead of eight for each core: what one thread frees any other can use.
    mallopt(M_ARENA_MAX, 1);
#endif
}

void csystem_return_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
