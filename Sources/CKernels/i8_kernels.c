#include "i8_kernels.h"

#include <string.h>

#include "i8_tables.h"

#if defined(__x86_64__)
#include "cpu_x86.h"
#endif

const struct i8_kernels *i8_kernels_named(const char *name) {
#if defined(__x86_64__)
    if (strcmp(name, i8_kernels__avx512vnni.name) == 0) {
        return cpu_has_avx512_vnni() ? &i8_kernels__avx512vnni : NULL;
    }
    if (strcmp(name, i8_kernels__avx2.name) == 0) {
        return cpu_has_avx2() ? &i8_kernels__avx2 : NULL;
    }
#endif
    return strcmp(name, i8_kernels__portable.name) == 0 ? &i8_kernels__portable : NULL;
}

const char *i8_kernels_name(size_t index) {
    static const char *const names[] = {"avx512vnni", "avx2", "portable"};
    return index < sizeof names / sizeof names[0] ? names[index] : NULL;
}
