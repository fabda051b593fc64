#include "bf16_kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "cpu_x86.h"

#define BF16_TILE_ROWS 12
#define BF16_TILE_COLUMNS 32

// How far ahead of its use a panel of weights is asked for.
#define BF16_PREFETCH 4096

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx512bf16,avx2,fma"))),        \
                             apply_to = function)

static inline __mmask16 first(size_t n) { return (__mmask16)((1u << n) - 1); }

// `count` floats to as many bfloat16 numbers.
static void round_line(const float *from, size_t count, uint16_t *to) {
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        const __m512bh pair = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(from + i + 16), _mm512_loadu_ps(from + i));
        _mm512_storeu_si512(to + i, (__m512i)pair);
    }
    for (; i + 16 <= count; i += 16) {
        _mm256_storeu_si256((__m256i *)(to + i), (__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(from + i)));
    }
    if (i < count) {
        const __mmask16 mask = first(count - i);
        const __m256i last = (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, from + i));
        _mm256_mask_storeu_epi16(to + i, mask, last);
    }
}

static void pack_rows(const struct bf16_rows *rows) {
    const size_t bytes = rows->channels * sizeof(uint16_t);
    for (size_t i = 0; i < rows->rows; i++) {
        uint16_t *packed = rows->packed + i * rows->packed_stride;
        for (size_t tap = 0; tap < rows->taps; tap++, packed += rows->channels) {
            const bool is_inside = !rows->offsets || rows->offsets[tap * rows->rows + i] >= 0;
            const size_t at = rows->offsets ? (size_t)rows->offsets[tap * rows->rows + i] : i * rows->input_stride;
            if (!is_inside) {
                memset(packed, 0, bytes);
            } else if (rows->rounded) {
                memcpy(packed, (const uint16_t *)rows->input + at, bytes);
            } else {
                round_line((const float *)rows->input + at, rows->channels, packed);
            }
            if (rows->channels % 2) {
                packed[rows->channels] = 0;
                packed++;
            }
        }
    }
}

static inline __attribute__((always_inline)) __m512 widened(__m256i numbers) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(numbers), 16));
}

static void widen(const uint16_t *numbers, size_t count, float *floats) {
    for (size_t i = 0; i < count; i += 16) {
        const __mmask16 mask = count - i < 16 ? first(count - i) : 0xffff;
        _mm512_mask_storeu_ps(floats + i, mask, widened(_mm256_maskz_loadu_epi16(mask, numbers + i)));
    }
}

static inline __attribute__((always_inline)) __m512 clamped(__m512 x, float lower, float upper) {
    return _mm512_min_ps(_mm512_set1_ps(upper), _mm512_max_ps(_mm512_set1_ps(lower), x));
}

/// The sums of a tile, whose columns are counted by half vectors: of `halves` / 2 vectors a row and, where they are
/// odd, of half a vector more.
struct sums {
    __m512 whole[BF16_TILE_ROWS][2];
    __m256 half[BF16_TILE_ROWS];
};

enum residual { no_residual, float_residual, rounded_residual };

// `rows` and `halves` are constants wherever this is inlined. A copy of the tile: a store might change it, and the
// compiler would have it read again after each.
static inline __attribute__((always_inline)) void finish(const struct bf16_product *tile, const struct sums *sums,
                                                         const size_t rows, const size_t halves, const bool whole,
                                                         const enum residual residual, const bool rounded) {
    const struct bf16_product t = *tile;
    const size_t vectors = (halves + 1) / 2, left = t.columns - (vectors - 1) * 16;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
        __m512 x[2];
#pragma clang loop unroll(full)
        for (size_t v = 0; v < vectors; v++) {
            const size_t at = i * t.output_stride + v * 16;
            const __mmask16 mask = whole || v + 1 < vectors || left == 16 ? 0xffff : first(left);
            x[v] = 2 * v + 1 < halves ? sums->whole[i][v] : _mm512_castps256_ps512(sums->half[i]);
            if (residual == float_residual) {
                x[v] = _mm512_add_ps(x[v], _mm512_maskz_loadu_ps(mask, t.residual + at));
            } else if (residual == rounded_residual) {
                x[v] = _mm512_add_ps(x[v], widened(_mm256_maskz_loadu_epi16(mask, t.rounded_residual + at)));
            }
            x[v] = clamped(x[v], t.lower, t.upper);
            if (!rounded) {
                _mm512_mask_storeu_ps((float *)t.output + at, mask, x[v]);
            } else if (!whole || vectors == 1) {
                _mm256_mask_storeu_epi16((uint16_t *)t.output + at, mask, (__m256i)_mm512_cvtneps_pbh(x[v]));
            }
        }
        if (rounded && whole && vectors == 2) {
            _mm512_storeu_si512((uint16_t *)t.output + i * t.output_stride, (__m512i)_mm512_cvtne2ps_pbh(x[1], x[0]));
        }
    }
}

// The usual tiles have code of their own, for each kind of residual; the others ask for each number.
static inline __attribute__((always_inline)) void finish_kinds(const struct bf16_product *tile, const struct sums *sums,
                                                               const size_t rows, const bool rounded) {
    if (tile->residual) {
        finish(tile, sums, rows, 4, true, float_residual, rounded);
    } else if (tile->rounded_residual) {
        finish(tile, sums, rows, 4, true, rounded_residual, rounded);
    } else {
        finish(tile, sums, rows, 4, true, no_residual, rounded);
    }
}

// Two numbers of a row in every pair of lanes.
static inline __attribute__((always_inline)) __m512bh broadcast_pair(const uint16_t *pair) {
    int32_t bits;
    memcpy(&bits, pair, sizeof bits);
    return (__m512bh)_mm512_set1_epi32(bits);
}

// The first and the last of `count` bytes of each row.
static inline __attribute__((always_inline)) void prefetch_rows(const void *start, size_t stride, const size_t rows,
                                                                const size_t count) {
    if (!start) {
        return;
    }
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
        __builtin_prefetch((const char *)start + i * stride);
        if (count > 1) {
            __builtin_prefetch((const char *)start + i * stride + count - 1);
        }
    }
}

// `rows` and `halves` are constants wherever this is inlined, so that the sums live in registers.
static inline __attribute__((always_inline)) void product_rows(const struct bf16_product *tile, const size_t rows,
                                                               const size_t halves) {
    // Asked for before the sums and needed after them: on large maps both lie beyond the L2 cache.
    prefetch_rows(tile->residual, tile->output_stride * sizeof(float), rows, BF16_TILE_COLUMNS * sizeof(float));
    prefetch_rows(tile->rounded_residual, tile->output_stride * sizeof(uint16_t), rows, 1);
    if (tile->rounded) {
        prefetch_rows(tile->output, tile->output_stride * sizeof(uint16_t), rows, 1);
    } else {
        prefetch_rows(tile->output, tile->output_stride * sizeof(float), rows, BF16_TILE_COLUMNS * sizeof(float));
    }
    const size_t vectors = halves / 2;
    struct sums sums;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
        for (size_t v = 0; v < vectors; v++) {
            sums.whole[i][v] = _mm512_load_ps(tile->bias + v * 16);
        }
        if (halves % 2 == 1) {
            sums.half[i] = _mm256_load_ps(tile->bias + vectors * 16);
        }
    }
    const uint16_t *weights = tile->weights;
    for (size_t tap = 0; tap < tile->taps; tap++) {
        const uint16_t *row[BF16_TILE_ROWS];
        if (tile->offsets) {
            const int32_t *offsets = tile->offsets + tap * rows;
#pragma clang loop unroll(full)
            for (size_t i = 0; i < rows; i++) {
                row[i] = offsets[i] < 0 ? tile->zeros : tile->input + offsets[i];
            }
        } else {
#pragma clang loop unroll(full)
            for (size_t i = 0; i < rows; i++) {
                row[i] = tile->input + i * tile->input_stride;
            }
        }
        const size_t pairs = tile->pairs;
        for (size_t pair = 0; pair < pairs; pair++, weights += 2 * BF16_TILE_COLUMNS) {
            __m512bh whole[2];
            __m256bh half;
#pragma clang loop unroll(full)
            for (size_t v = 0; v < vectors; v++) {
                whole[v] = (__m512bh)_mm512_load_si512(weights + v * 32);
            }
            if (halves % 2 == 1) {
                half = (__m256bh)_mm256_load_si256((const __m256i *)(weights + vectors * 32));
            }
            __builtin_prefetch(weights + BF16_PREFETCH);
            __builtin_prefetch(weights + BF16_PREFETCH + BF16_TILE_COLUMNS);
#pragma clang loop unroll(full)
            for (size_t i = 0; i < rows; i++) {
                __m512bh x = broadcast_pair(row[i] + 2 * pair);
                if (halves == 3) {
                    // One broadcast for both: the compiler would make two, of a vector and of half of it.
                    __asm__("" : "+v"(x));
                }
#pragma clang loop unroll(full)
                for (size_t v = 0; v < vectors; v++) {
                    sums.whole[i][v] = _mm512_dpbf16_ps(sums.whole[i][v], x, whole[v]);
                }
                if (halves % 2 == 1) {
                    sums.half[i] = _mm256_dpbf16_ps(sums.half[i], (__m256bh)_mm512_castsi512_si256((__m512i)x), half);
                }
            }
        }
    }
    if (tile->columns < BF16_TILE_COLUMNS) {
        const enum residual residual = tile->residual           ? float_residual
                                       : tile->rounded_residual ? rounded_residual
                                                                : no_residual;
        finish(tile, &sums, rows, halves, false, residual, tile->rounded);
    } else if (tile->rounded) {
        finish_kinds(tile, &sums, rows, true);
    } else {
        finish_kinds(tile, &sums, rows, false);
    }
}

// Part of a panel is part of the work.
#define BF16_DEFINE_PRODUCT(rows)                                                                                      \
    static void product_##rows(const struct bf16_product *tile) {                                                      \
        if (tile->columns <= 8) {                                                                                      \
            product_rows(tile, rows, 1);                                                                               \
        } else if (tile->columns <= 16) {                                                                              \
            product_rows(tile, rows, 2);                                                                               \
        } else if (tile->columns <= 24) {                                                                              \
            product_rows(tile, rows, 3);                                                                               \
        } else {                                                                                                       \
            product_rows(tile, rows, 4);                                                                               \
        }                                                                                                              \
    }

BF16_DEFINE_PRODUCT(1)
BF16_DEFINE_PRODUCT(2)
BF16_DEFINE_PRODUCT(3)
BF16_DEFINE_PRODUCT(4)
BF16_DEFINE_PRODUCT(5)
BF16_DEFINE_PRODUCT(6)
BF16_DEFINE_PRODUCT(7)
BF16_DEFINE_PRODUCT(8)
BF16_DEFINE_PRODUCT(9)
BF16_DEFINE_PRODUCT(10)
BF16_DEFINE_PRODUCT(11)
BF16_DEFINE_PRODUCT(12)

#include "bf16_depthwise.inc.h"

#pragma clang attribute pop

static const bf16_product_function products[BF16_TILE_ROWS] = {
    product_1, product_2, product_3, product_4,  product_5,  product_6,
    product_7, product_8, product_9, product_10, product_11, product_12,
};

static const struct bf16_kernels kernels = {
    .name = "bf16_product_12x32__avx512",
    .tile_rows = BF16_TILE_ROWS,
    .tile_columns = BF16_TILE_COLUMNS,
    .product = products,
    .pack_rows = pack_rows,
    .depthwise_name = "bf16_depthwise__avx512",
    .depthwise_band = depthwise_band,
    .round = round_line,
    .widen = widen,
};

const struct bf16_kernels *bf16_kernels_available(void) { return cpu_has_avx512_bf16() ? &kernels : NULL; }

#else

const struct bf16_kernels *bf16_kernels_available(void) { return NULL; }

#endif
