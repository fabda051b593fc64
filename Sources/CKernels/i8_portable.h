// Whole numbers in the compiler's own vector type: four bytes to each of 4 lanes.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#define I8_MOST_PLACES 1

typedef int32_t i32v __attribute__((vector_size(16)));

/// The four bytes of each lane, a vector for each.
typedef struct {
    i32v byte[4];
} i8_numbers;

typedef i8_numbers i8_weights;

static inline i32v i8_zero(void) { return (i32v){0, 0, 0, 0}; }

static inline i8_weights i8_load_weights(const int8_t *p) {
    i32v lanes;
    memcpy(&lanes, p, sizeof lanes);
    return (i8_weights){{lanes << 24 >> 24, lanes << 16 >> 24, lanes << 8 >> 24, lanes >> 24}};
}

/// Four bytes in every lane.
static inline i8_numbers i8_broadcast(const uint8_t *p) {
    return (i8_numbers){{i8_zero() + p[0], i8_zero() + p[1], i8_zero() + p[2], i8_zero() + p[3]}};
}

/// sum + Σ numbers · weights, of the four bytes of each lane.
static inline i32v i8_dot(i32v sum, i8_numbers x, i8_weights weights) {
    for (size_t i = 0; i < 4; i++) {
        sum += x.byte[i] * weights.byte[i];
    }
    return sum;
}

static inline f32v i8_to_floats(i32v x) { return __builtin_convertvector(x, f32v); }

/// The first `n` bytes, 1 … 4, as floats; zeros for the others.
static inline f32v i8_load_first(const uint8_t *p, size_t n) {
    f32v x = f32_broadcast(0);
    for (size_t i = 0; i < n; i++) {
        x[i] = p[i];
    }
    return x;
}

/// The first `n`, 1 … 4, of floats, rounded and clamped.
static inline void i8_store_first(uint8_t *p, f32v x, uint8_t lower, uint8_t upper, size_t n) {
    const f32v clamped = f32_minimum(f32_broadcast(upper), f32_maximum(f32_broadcast(lower), x));
    for (size_t i = 0; i < n; i++) {
        p[i] = (uint8_t)rintf(clamped[i]);
    }
}

/// The first `columns` columns, 1 … 8, of one row of floats or two, rounded and clamped.
static inline void i8_store_rows(uint8_t *p, size_t stride, size_t rows, f32v (*x)[2], uint8_t lower, uint8_t upper,
                                 size_t columns) {
    for (size_t i = 0; i < rows; i++, p += stride) {
        i8_store_first(p, x[i][0], lower, upper, columns < 4 ? columns : 4);
        if (columns > 4) {
            i8_store_first(p + 4, x[i][1], lower, upper, columns - 4);
        }
    }
}

/// `count` channels, from `channel` on, of four columns: quads of bytes, as `i8_store_block` takes what comes of them.
/// For each of some places, two columns on from the one before.
static inline void i8_load_quads(const uint8_t *const *columns, size_t channel, size_t count, size_t places,
                                 i8_numbers (*quads)[4]) {
    for (size_t place = 0; place < places; place++, columns += 2) {
        for (size_t i = 0; i < 4; i++) {
            uint8_t line[16] = {0};
            memcpy(line, columns[i] + channel, count);
            for (size_t j = 0; j < 4; j++) {
                quads[place][j].byte[i] = (i32v){line[4 * j], line[4 * j + 1], line[4 * j + 2], line[4 * j + 3]};
            }
        }
    }
}

/// The first `count` channels of four vectors of floats, rounded and clamped.
static inline void i8_store_block(uint8_t *p, const f32v *x, uint8_t lower, uint8_t upper, size_t count) {
    for (size_t j = 0; 4 * j < count; j++) {
        i8_store_first(p + 4 * j, x[j], lower, upper, count - 4 * j < 4 ? count - 4 * j : 4);
    }
}
