// Winograd's minimal filtering F(4×4, 3×3): tiles of 4 × 4 outputs from 6 × 6 inputs by 36 multiplications for each
// pair of channels, where direct sums take 144 (Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks",
// 2016, section 4.3: the points are 0, ±1, ±2 and infinity). Vectors over channels.

#include <string.h>

enum { winograd_tile = 4, winograd_span = 6 };

/// Bᵀ · d for one row or column of six.
static inline __attribute__((always_inline)) void winograd_input_line(const f32v *d, f32v *result, size_t step) {
    const f32v two = f32_broadcast(2), four = f32_broadcast(4);
    const f32v minus_four = f32_broadcast(-4), minus_five = f32_broadcast(-5);
    const f32v even = f32_multiply_add(minus_four, d[2], d[4]), odd = f32_multiply_add(minus_four, d[1], d[3]);
    const f32v difference = f32_subtract(d[4], d[2]), twice = f32_subtract(d[3], d[1]);
    result[0] = f32_multiply_add(four, d[0], f32_multiply_add(minus_five, d[2], d[4]));
    result[step] = f32_add(even, odd);
    result[2 * step] = f32_subtract(even, odd);
    result[3 * step] = f32_multiply_add(two, twice, difference);
    result[4 * step] = f32_multiply_add(f32_broadcast(-2), twice, difference);
    result[5 * step] = f32_multiply_add(four, d[1], f32_multiply_add(minus_five, d[3], d[5]));
}

/// Aᵀ · m for one row or column of six, which the factors are made up for that `winograd_weights` leaves out.
static inline __attribute__((always_inline)) void winograd_output_line(const f32v *m, f32v *result, size_t step) {
    const f32v minus_sixth = f32_broadcast(-1.0f / 6);
    const f32v sum1 = f32_multiply(minus_sixth, f32_add(m[1], m[2]));
    const f32v difference1 = f32_multiply(minus_sixth, f32_subtract(m[1], m[2]));
    const f32v sum2 = f32_add(m[3], m[4]), difference2 = f32_subtract(m[3], m[4]);
    result[0] = f32_multiply_add(f32_broadcast(1.0f / 4), m[0], f32_multiply_add(f32_broadcast(1.0f / 24), sum2, sum1));
    result[step] = f32_multiply_add(f32_broadcast(1.0f / 12), difference2, difference1);
    result[2 * step] = f32_multiply_add(f32_broadcast(1.0f / 6), sum2, sum1);
    result[3 * step] = f32_multiply_add(f32_broadcast(1.0f / 3), difference2, f32_add(difference1, m[5]));
}

/// `lanes` channels of one tile. Of its six rows and columns, those outside `rows` and `columns` are zeros, unless all
/// of it lies inside the image.
static inline __attribute__((always_inline)) void winograd_input_vector(const struct f32_winograd *layer,
                                                                        const float *input, struct taps rows,
                                                                        struct taps columns, const bool is_inside,
                                                                        size_t lanes, float *transformed) {
    f32v lines[winograd_span * winograd_span], line[winograd_span];
#pragma clang loop unroll(full)
    for (size_t x = 0; x < winograd_span; x++) {
#pragma clang loop unroll(full)
        for (size_t y = 0; y < winograd_span; y++) {
            if (!is_inside && (y < rows.begin || y >= rows.end || x < columns.begin || x >= columns.end)) {
                line[y] = f32_broadcast(0);
                continue;
            }
            const float *at = input + ((y - rows.begin) * layer->width + (x - columns.begin)) * layer->channels;
            line[y] = lanes == F32_LANES ? f32_load(at) : f32_load_first(at, lanes);
        }
        winograd_input_line(line, lines + x, winograd_span);
    }
#pragma clang loop unroll(full)
    for (size_t y = 0; y < winograd_span; y++) {
        winograd_input_line(lines + y * winograd_span, line, 1);
#pragma clang loop unroll(full)
        for (size_t x = 0; x < winograd_span; x++) {
            f32_store(transformed + (y * winograd_span + x) * layer->input_plane, line[x]);
        }
    }
}

static inline __attribute__((always_inline)) void winograd_input_tile(const struct f32_winograd *layer,
                                                                      const float *input, struct taps rows,
                                                                      struct taps columns, const bool is_inside,
                                                                      float *transformed) {
    size_t channel = 0;
    for (; channel + F32_LANES <= layer->channels; channel += F32_LANES) {
        winograd_input_vector(layer, input + channel, rows, columns, is_inside, F32_LANES, transformed + channel);
    }
    if (channel < layer->channels) {
        winograd_input_vector(layer, input + channel, rows, columns, is_inside, layer->channels - channel,
                              transformed + channel);
    }
}

static void F32_KERNEL(winograd_input)(const struct f32_winograd *layer, const float *input, float *transformed,
                                       size_t tile_begin, size_t tile_end) {
    const size_t channels = layer->channels;
    for (size_t tile = tile_begin; tile < tile_end; tile++, transformed += layer->input_stride) {
        const size_t y = tile / layer->tiles_across, x = tile % layer->tiles_across;
        const struct taps rows = taps_inside(y, winograd_tile, layer->padding_top, winograd_span, 1, layer->height);
        const struct taps columns = taps_inside(x, winograd_tile, layer->padding_left, winograd_span, 1, layer->width);
        if (rows.begin == rows.end || columns.begin == columns.end) {
            // Nothing but padding, below or right of a map that is smaller than its padding.
            for (size_t plane = 0; plane < winograd_span * winograd_span; plane++) {
                memset(transformed + plane * layer->input_plane, 0, channels * sizeof(float));
            }
            continue;
        }
        const float *start = input + ((y * winograd_tile + rows.begin - layer->padding_top) * layer->width +
                                      (x * winograd_tile + columns.begin - layer->padding_left)) *
                                         channels;
        if (rows.end - rows.begin == winograd_span && columns.end - columns.begin == winograd_span) {
            winograd_input_tile(layer, start, rows, columns, true, transformed);
        } else {
            winograd_input_tile(layer, start, rows, columns, false, transformed);
        }
    }
}

/// `lanes` output channels of one tile, of which `rows` × `columns` pixels lie in the map.
static inline __attribute__((always_inline)) void winograd_output_vector(const struct f32_winograd *layer,
                                                                         const float *product, const float *bias,
                                                                         const float *residual, float *output,
                                                                         size_t rows, size_t columns, size_t lanes) {
    f32v lines[winograd_tile * winograd_span], line[winograd_span];
#pragma clang loop unroll(full)
    for (size_t x = 0; x < winograd_span; x++) {
#pragma clang loop unroll(full)
        for (size_t y = 0; y < winograd_span; y++) {
            line[y] = f32_load(product + (y * winograd_span + x) * layer->product_plane);
        }
        winograd_output_line(line, lines + x, winograd_span);
    }
    const f32v shift = f32_load(bias), lower = f32_broadcast(layer->lower), upper = f32_broadcast(layer->upper);
#pragma clang loop unroll(full)
    for (size_t y = 0; y < winograd_tile; y++) {
        if (y >= rows) {
            continue;
        }
        winograd_output_line(lines + y * winograd_span, line, 1);
#pragma clang loop unroll(full)
        for (size_t x = 0; x < winograd_tile; x++) {
            if (x >= columns) {
                continue;
            }
            const size_t at = (y * layer->output_width + x) * layer->outputs;
            f32v sum = f32_add(line[x], shift);
            if (lanes == F32_LANES) {
                sum = residual ? f32_add(sum, f32_load(residual + at)) : sum;
                f32_store(output + at, f32_clamp(sum, lower, upper));
            } else {
                sum = residual ? f32_add(sum, f32_load_first(residual + at, lanes)) : sum;
                f32_store_first(output + at, f32_clamp(sum, lower, upper), lanes);
            }
        }
    }
}

static void F32_KERNEL(winograd_output)(const struct f32_winograd *layer, const float *product, const float *bias,
                                        size_t column, const float *residual, float *output, size_t tile_begin,
                                        size_t tile_end) {
    const size_t left = layer->outputs - column, count = left < F32_TILE_COLUMNS ? left : F32_TILE_COLUMNS;
    for (size_t tile = tile_begin; tile < tile_end; tile++, product += F32_TILE_COLUMNS) {
        const size_t y = tile / layer->tiles_across * winograd_tile, x = tile % layer->tiles_across * winograd_tile;
        const size_t below = layer->output_height - y, right = layer->output_width - x;
        const size_t rows = below < winograd_tile ? below : winograd_tile;
        const size_t columns = right < winograd_tile ? right : winograd_tile;
        const size_t at = (y * layer->output_width + x) * layer->outputs + column;
        for (size_t n = 0; n < count; n += F32_LANES) {
            const float *added = residual ? residual + at + n : NULL;
            if (n + F32_LANES <= count && rows == winograd_tile && columns == winograd_tile) {
                winograd_output_vector(layer, product + n, bias + n, added, output + at + n, winograd_tile,
                                       winograd_tile, F32_LANES);
            } else if (n + F32_LANES <= count) {
                winograd_output_vector(layer, product + n, bias + n, added, output + at + n, rows, columns, F32_LANES);
            } else {
                winograd_output_vector(layer, product + n, bias + n, added, output + at + n, rows, columns, count - n);
            }
        }
    }
}

/// G · g for one row or column of three, without the factors of the rows of G: 1/4, −1/6 twice, 1/24 twice and 1.
static inline __attribute__((always_inline)) void winograd_weight_line(const f32v *g, f32v *result) {
    const f32v even = f32_add(g[0], g[2]), far = f32_multiply_add(f32_broadcast(4), g[2], g[0]);
    result[0] = g[0];
    result[1] = f32_add(even, g[1]);
    result[2] = f32_subtract(even, g[1]);
    result[3] = f32_multiply_add(f32_broadcast(2), g[1], far);
    result[4] = f32_multiply_add(f32_broadcast(-2), g[1], far);
    result[5] = g[2];
}

// The rows are constants wherever this is inlined.
static inline __attribute__((always_inline)) void winograd_weight_rows(const float *weights, size_t stride,
                                                                       size_t count, size_t row_begin, size_t row_end,
                                                                       float *transformed, size_t plane) {
    for (size_t i = 0; i < count; i += F32_LANES) {
        f32v half[3][winograd_span], column[3], line[winograd_span];
#pragma clang loop unroll(full)
        for (size_t x = 0; x < 3; x++) {
#pragma clang loop unroll(full)
            for (size_t y = 0; y < 3; y++) {
                column[y] = f32_load(weights + (3 * y + x) * stride + i);
            }
            winograd_weight_line(column, half[x]);
        }
#pragma clang loop unroll(full)
        for (size_t y = row_begin; y < row_end; y++) {
#pragma clang loop unroll(full)
            for (size_t x = 0; x < 3; x++) {
                column[x] = half[x][y];
            }
            winograd_weight_line(column, line);
#pragma clang loop unroll(full)
            for (size_t x = 0; x < winograd_span; x++) {
                f32_store(transformed + ((y - row_begin) * winograd_span + x) * plane + i, line[x]);
            }
        }
    }
}

static void F32_KERNEL(winograd_weights)(const float *weights, size_t stride, size_t count, size_t row_begin,
                                         size_t row_end, float *transformed, size_t plane) {
    if (row_begin == 0 && row_end == winograd_span) {
        return winograd_weight_rows(weights, stride, count, 0, winograd_span, transformed, plane);
    }
    for (size_t row = row_begin; row < row_end; row++, transformed += winograd_span * plane) {
        switch (row) {
        case 0:
            winograd_weight_rows(weights, stride, count, 0, 1, transformed, plane);
            break;
        case 1:
            winograd_weight_rows(weights, stride, count, 1, 2, transformed, plane);
            break;
        case 2:
            winograd_weight_rows(weights, stride, count, 2, 3, transformed, plane);
            break;
        case 3:
            winograd_weight_rows(weights, stride, count, 3, 4, transformed, plane);
            break;
        case 4:
            winograd_weight_rows(weights, stride, count, 4, 5, transformed, plane);
            break;
        default:
            winograd_weight_rows(weights, stride, count, 5, 6, transformed, plane);
        }
    }
}
