#include "f32_layout.h"

#include <string.h>

// Filters that are transformed side by side.
enum { taps = 9, planes = 36, run = 32 };

/// A number of each filter.
typedef double numbers[run];

// G · g for one row or column of three; `from` and `to` are the distances between its elements.
static inline void transform_line(const numbers *g, size_t from, numbers *u, size_t to) {
    for (size_t n = 0; n < run; n++) {
        const double g0 = g[0][n], g1 = g[from][n], g2 = g[2 * from][n];
        const double even = (g0 + g2) / -6, odd = g1 / 6, far = g0 / 24 + g2 / 6, near = g1 / 12;
        u[0][n] = g0 / 4;
        u[to][n] = even - odd;
        u[2 * to][n] = even + odd;
        u[3 * to][n] = far + near;
        u[4 * to][n] = far - near;
        u[5 * to][n] = g2;
    }
}

// `count` filters, `stride` floats apart: U = G · g · Gᵀ, in double precision, since it is done once and all sums
// depend on it. Of the other filters of `run` zeros.
//
// By way of a buffer: the planes lie a power of two apart in many networks, where they would push each other out of the
// cache if a number each were written in turn.
static void transform_filters(const float *filters, size_t count, size_t stride, float *packed, size_t width,
                              size_t plane) {
    numbers g[taps] = {0}, half[18], u[planes];
    for (size_t n = 0; n < count; n++) {
        for (size_t i = 0; i < taps; i++) {
            g[i][n] = filters[n * stride + i];
        }
    }
    for (size_t x = 0; x < 3; x++) {
        transform_line(g + x, 3, half + x, 3);
    }
    for (size_t y = 0; y < 6; y++) {
        transform_line(half + 3 * y, 1, u + 6 * y, 1);
    }
    for (size_t i = 0; i < planes; i++) {
        float line[run];
        for (size_t n = 0; n < run; n++) {
            line[n] = (float)u[i][n];
        }
        memcpy(packed + i * plane, line, width * sizeof(float));
    }
}

static size_t minimum(size_t a, size_t b) { return a < b ? a : b; }

void f32_winograd_panels(const float *weights, size_t outputs, size_t channels, size_t columns, float *packed) {
    const size_t plane = channels * columns;
    for (size_t block = 0; block < outputs; block += columns, packed += planes * plane) {
        const size_t count = minimum(columns, outputs - block);
        for (size_t channel = 0; channel < channels; channel++) {
            for (size_t first = 0; first < columns; first += run) {
                const size_t filters = first < count ? minimum(run, count - first) : 0;
                transform_filters(weights + ((block + first) * channels + channel) * taps, filters, channels * taps,
                                  packed + channel * columns + first, minimum(run, columns - first), plane);
            }
        }
    }
}
