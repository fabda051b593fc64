#include "f32_layout.h"

#include <string.h>

enum { taps = 9 };

// G · g for one row or column of three; `from` and `to` are the distances between its elements.
static inline void transform_line(const double *g, size_t from, double *u, size_t to) {
    const double even = (g[0] + g[2 * from]) / -6, odd = g[from] / 6;
    const double far = g[0] / 24 + g[2 * from] / 6, near = g[from] / 12;
    u[0] = g[0] / 4;
    u[to] = even - odd;
    u[2 * to] = even + odd;
    u[3 * to] = far + near;
    u[4 * to] = far - near;
    u[5 * to] = g[2 * from];
}

// One pair of channels: U = G · g · Gᵀ, in double precision, since it is done once and all sums depend on it.
static void transform_filter(const float *filter, float *packed, size_t plane) {
    double g[taps], half[18], u[36];
    for (size_t i = 0; i < taps; i++) {
        g[i] = filter[i];
    }
    for (size_t x = 0; x < 3; x++) {
        transform_line(g + x, 3, half + x, 3);
    }
    for (size_t y = 0; y < 6; y++) {
        transform_line(half + 3 * y, 1, u + 6 * y, 1);
    }
    for (size_t i = 0; i < 36; i++) {
        packed[i * plane] = (float)u[i];
    }
}

void f32_winograd_panels(const float *weights, size_t outputs, size_t channels, size_t columns, float *packed) {
    const size_t plane = channels * columns;
    for (size_t block = 0; block < outputs; block += columns, packed += 36 * plane) {
        const size_t count = outputs - block < columns ? outputs - block : columns;
        if (count < columns) {
            memset(packed, 0, 36 * plane * sizeof(float));
        }
        for (size_t channel = 0; channel < channels; channel++) {
            for (size_t n = 0; n < count; n++) {
                transform_filter(weights + ((block + n) * channels + channel) * taps, packed + channel * columns + n,
                                 plane);
            }
        }
    }
}
