#include "resample.h"

size_t cimaging_resample_rows_scratch(size_t width) { return (width + 1) / 2 * 4 * 16; }

#if defined(__x86_64__)

int cimaging_has_avx2(void) { return __builtin_cpu_supports("avx2"); }

int cimaging_has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vnni");
}

void cimaging_resample_rows(const uint8_t *input, size_t width, size_t stride, size_t rows,
                            const cimaging_weights *weights, uint8_t *output, void *scratch) {
    if (cimaging_has_avx512()) {
        cimaging_resample_rows_avx512(input, width, stride, rows, weights, output, scratch);
    } else if (cimaging_has_avx2()) {
        cimaging_resample_rows_avx2(input, width, stride, rows, weights, output, scratch);
    } else {
        cimaging_resample_rows_sse2(input, width, stride, rows, weights, output, scratch);
    }
}

void cimaging_resample_columns(const uint8_t *input, size_t rowBytes, size_t stride, size_t rows,
                               const cimaging_weights *weights, uint8_t *output) {
    if (cimaging_has_avx512()) {
        cimaging_resample_columns_avx512(input, rowBytes, stride, rows, weights, output);
    } else if (cimaging_has_avx2()) {
        cimaging_resample_columns_avx2(input, rowBytes, stride, rows, weights, output);
    } else {
        cimaging_resample_columns_sse2(input, rowBytes, stride, rows, weights, output);
    }
}

#else

void cimaging_resample_rows(const uint8_t *input, size_t width, size_t stride, size_t rows,
                            const cimaging_weights *weights, uint8_t *output, void *scratch) {
    cimaging_resample_rows_portable(input, width, stride, rows, weights, output, scratch);
}

void cimaging_resample_columns(const uint8_t *input, size_t rowBytes, size_t stride, size_t rows,
                               const cimaging_weights *weights, uint8_t *output) {
    cimaging_resample_columns_portable(input, rowBytes, stride, rows, weights, output);
}

#endif
