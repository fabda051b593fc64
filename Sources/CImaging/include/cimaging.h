#pragma once

#include <spng.h>
#include <stddef.h>
#include <stdint.h>
#include <turbojpeg.h>
#include <webp/decode.h>

/// The weights of one axis of a resize: output position i is the sum over k < count[i] of
/// weights[i * taps + k] × input[first[i] + k].
struct resample_axis {
    const int32_t *first;
    const int32_t *count;
    const float *weights;
    size_t taps;
    size_t size;
};

/// Resizes the rows [0, rows) of an RGB8 image along x: output[row][x][channel] as floats that hold bytes (rounded,
/// clipped). `row_bytes` is the distance of two input rows.
void resample_horizontal(const uint8_t *input, size_t row_bytes, size_t rows, const struct resample_axis *axis,
                         float *output);

/// Resizes floats of [rows][row_count] along y into bytes of [axis->size][row_count], rounded and clipped.
void resample_vertical(const float *input, size_t row_count, const struct resample_axis *axis, uint8_t *output);

/// output[i][c] = input[i][c] × scale[c] + shift[c] for RGB.
void normalize_rgb(const uint8_t *input, size_t pixels, const float scale[3], const float shift[3], float *output);
