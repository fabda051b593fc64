#ifndef CIMAGING_RESAMPLE_H
#define CIMAGING_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

/// Weights are fixed-point with 22 fractional bits, as Pillow's Resample.c has them, so that results are equal bit for
/// bit. Each is kept as high · 2^11 + low: both halves fit 16 bits and one `pmaddwd` multiplies and adds two of them.
#define CIMAGING_WEIGHT_BITS 22
#define CIMAGING_LOW_BITS 11

/// The weights of two neighbouring inputs.
typedef struct {
    int16_t high[2];
    int16_t low[2];
} cimaging_weight_pair;

/// How each output position is summed from the inputs first[i] … first[i] + 2·pairs[i] − 1 along one axis.
/// first[i] is even and inside the input; a weight that falls outside the input is zero.
typedef struct {
    const int32_t *first;
    const int32_t *pairs;
    /// Row i starts at i·stride.
    const cimaging_weight_pair *weights;
    size_t stride;
    size_t count;
} cimaging_weights;

/// Bytes of scratch, aligned to 64, that cimaging_resample_rows needs for rows of `width` pixels.
size_t cimaging_resample_rows_scratch(size_t width);

/// Resamples each of `rows` RGB8 rows of `width` pixels, `stride` bytes apart, to `weights->count` pixels.
void cimaging_resample_rows(const uint8_t *input, size_t width, size_t stride, size_t rows,
                            const cimaging_weights *weights, uint8_t *output, void *scratch);

/// Resamples the columns of `rows` rows of `rowBytes` bytes, `stride` bytes apart, to `weights->count` rows.
void cimaging_resample_columns(const uint8_t *input, size_t rowBytes, size_t stride, size_t rows,
                               const cimaging_weights *weights, uint8_t *output);

// What the two above choose from; all give the same bytes. Plain C for machines without the others:
void cimaging_resample_rows_portable(const uint8_t *input, size_t width, size_t stride, size_t rows,
                                     const cimaging_weights *weights, uint8_t *output, void *scratch);
void cimaging_resample_columns_portable(const uint8_t *input, size_t rowBytes, size_t stride, size_t rows,
                                        const cimaging_weights *weights, uint8_t *output);

#if defined(__x86_64__)
int cimaging_has_avx2(void);
/// AVX-512 with VNNI.
int cimaging_has_avx512(void);
void cimaging_resample_rows_sse2(const uint8_t *input, size_t width, size_t stride, size_t rows,
                                 const cimaging_weights *weights, uint8_t *output, void *scratch);
void cimaging_resample_columns_sse2(const uint8_t *input, size_t rowBytes, size_t stride, size_t rows,
                                    const cimaging_weights *weights, uint8_t *output);
void cimaging_resample_rows_avx2(const uint8_t *input, size_t width, size_t stride, size_t rows,
                                 const cimaging_weights *weights, uint8_t *output, void *scratch);
void cimaging_resample_columns_avx2(const uint8_t *input, size_t rowBytes, size_t stride, size_t rows,
                                    const cimaging_weights *weights, uint8_t *output);
void cimaging_resample_rows_avx512(const uint8_t *input, size_t width, size_t stride, size_t rows,
                                   const cimaging_weights *weights, uint8_t *output, void *scratch);
void cimaging_resample_columns_avx512(const uint8_t *input, size_t rowBytes, size_t stride, size_t rows,
                                      const cimaging_weights *weights, uint8_t *output);
#endif

#endif
