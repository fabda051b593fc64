#include "f32_kernels.h"

#include <string.h>

#include "f32_tables.h"

#if defined(__x86_64__)
#include "cpu_x86.h"
#endif

const struct f32_kernels *f32_kernels_named(const char *name) {
#if defined(__x86_64__)
    if (strcmp(name, f32_kernels__avx512.name) == 0) {
        return cpu_has_avx512() ? &f32_kernels__avx512 : NULL;
    }
    if (strcmp(name, f32_kernels__avx2.name) == 0) {
        return cpu_has_avx2() ? &f32_kernels__avx2 : NULL;
    }
#endif
    return strcmp(name, f32_kernels__portable.name) == 0 ? &f32_kernels__portable : NULL;
}

const char *f32_kernels_name(size_t index) {
    static const char *const names[] = {"avx512", "avx2", "portable"};
    return index < sizeof names / sizeof names[0] ? names[index] : NULL;
}
