// Products and depthwise convolutions of bfloat16 numbers, against plain loops in double precision.

#include <math.h>
#include <string.h>

#include "check.h"
#include "tests.h"

enum { most_taps = 9, most_rows = 12, most_input_rows = 19 };

static double value_of(uint16_t number) {
    const uint32_t bits = (uint32_t)number << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// The nearest number, half to even.
static uint16_t nearest(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/// `count` numbers just before a page that may not be touched.
static uint16_t *blank_numbers(size_t count) {
    const size_t floats = (count + 1) / 2;
    return (uint16_t *)blank(floats) + (2 * floats - count);
}

static uint16_t *noise_numbers(size_t count) {
    const float *floats = noise(count);
    uint16_t *numbers = blank_numbers(count);
    for (size_t i = 0; i < count; i++) {
        numbers[i] = nearest(floats[i]);
    }
    return numbers;
}

/// A sum of products in float32, and its rounding to a bfloat16 number if it was rounded.
static void expect_number(const void *output, bool rounded, struct sum sum, size_t index) {
    if (rounded) {
        const double found = value_of(((const uint16_t *)output)[index]);
        expect_near(found, sum.value, fabs(sum.value) / 256 + 1e-6 * (sum.magnitude + 1), index);
    } else {
        expect_sum(((const float *)output)[index], sum, index);
    }
}

static void *blank_output(size_t count, bool rounded) {
    return rounded ? (void *)blank_numbers(count) : (void *)blank(count);
}

static void check_product(const struct bf16_kernels *kernels, size_t rows, size_t columns) {
    const bool is_indirect = once_in(2), clamps = once_in(2), rounded = once_in(2);
    const size_t taps = is_indirect ? pick(1, most_taps) : 1, channels = pick(1, 40), pairs = (channels + 1) / 2;
    // Taps of one channel that follow one another in a row are the row's channels.
    const bool merges = taps == 1 && once_in(3);
    const size_t pixels = rows + pick(0, 3), input_stride = channels + pick(0, 2), gap = pick(0, 3);
    const int residual = (int)pick(0, 2);
    begin("%s, %zu×%zu, %zu taps of %zu channels, %s, residual %d, clamped %d, rounded %d", kernels->name, rows,
          columns, taps, channels, is_indirect ? "indirect" : "rows in turn", residual, clamps, rounded);
    int32_t offsets[most_taps * most_rows];
    for (size_t i = 0; i < taps * rows; i++) {
        offsets[i] = once_in(5) ? -1 : (int32_t)(pick(0, pixels - 1) * input_stride);
    }
    offsets[pick(0, taps * rows - 1)] = (int32_t)((pixels - 1) * input_stride);
    const size_t filter = taps * channels, columns_of_tile = kernels->tile_columns;
    const float *weights = noise(columns * filter);
    uint16_t *packed = (uint16_t *)blank(taps * pairs * columns_of_tile);
    if (merges) {
        bf16_pack_panels(weights, columns, 1, channels, channels, columns_of_tile, packed);
    } else {
        bf16_pack_panels(weights, columns, channels, taps, 1, columns_of_tile, packed);
    }
    const size_t stride = columns + gap, count = (rows - 1) * stride + columns;
    const struct bf16_product tile = {
        .input = noise_numbers((pixels - 1) * input_stride + 2 * pairs),
        .offsets = is_indirect ? offsets : NULL,
        .input_stride = input_stride,
        .zeros = memset(blank_numbers(2 * pairs), 0, 2 * pairs * sizeof(uint16_t)),
        .taps = taps,
        .pairs = pairs,
        .weights = packed,
        .bias = noise(columns_of_tile),
        .residual = residual == 1 ? noise(count) : NULL,
        .rounded_residual = residual == 2 ? noise_numbers(count) : NULL,
        .output = blank_output(count, rounded),
        .rounded = rounded,
        .output_stride = stride,
        .columns = columns,
        .lower = clamps ? 0 : -INFINITY,
        .upper = clamps ? 0.75f : INFINITY,
    };
    kernels->product[rows - 1](&tile);
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < columns; column++) {
            const size_t at = row * stride + column;
            struct sum sum = {0};
            add_term(&sum, tile.bias[column]);
            for (size_t tap = 0; tap < taps; tap++) {
                const int32_t offset = is_indirect ? offsets[tap * rows + row] : (int32_t)(row * input_stride);
                for (size_t channel = 0; channel < channels && offset >= 0; channel++) {
                    add_term(&sum, value_of(tile.input[(size_t)offset + channel]) *
                                       value_of(nearest(weights[column * filter + channel * taps + tap])));
                }
            }
            if (residual == 1) {
                add_term(&sum, tile.residual[at]);
            } else if (residual == 2) {
                add_term(&sum, value_of(tile.rounded_residual[at]));
            }
            clamp_sum(&sum, tile.lower, tile.upper);
            expect_number(tile.output, rounded, sum, at);
        }
        if (row + 1 < rows && !rounded) {
            expect_blank((float *)tile.output, row * stride + columns, gap);
        }
    }
}

static void check_rows(const struct bf16_kernels *kernels) {
    const bool is_indirect = once_in(2), rounded = once_in(2);
    const size_t rows = pick(1, kernels->tile_rows), taps = is_indirect ? pick(1, most_taps) : 1;
    const size_t channels = pick(1, 80), padded = round_up(channels, 2), stride = taps * padded + pick(0, 5);
    begin("rows of bfloat16: %zu of %zu taps of %zu channels, %s, rounded %d", rows, taps, channels,
          is_indirect ? "indirect" : "in turn", rounded);
    int32_t offsets[most_taps * most_rows];
    for (size_t i = 0; i < taps * rows; i++) {
        offsets[i] = once_in(5) ? -1 : (int32_t)(pick(0, rows - 1) * channels);
    }
    const float *floats = noise(rows * channels);
    uint16_t *numbers = blank_numbers(rows * channels);
    kernels->round(floats, rows * channels, numbers);
    const struct bf16_rows packing = {
        .input = rounded ? (const void *)numbers : (const void *)floats,
        .rounded = rounded,
        .offsets = is_indirect ? offsets : NULL,
        .input_stride = channels,
        .taps = taps,
        .channels = channels,
        .rows = rows,
        .packed = blank_numbers((rows - 1) * stride + taps * padded),
        .packed_stride = stride,
    };
    kernels->pack_rows(&packing);
    for (size_t row = 0; row < rows; row++) {
        for (size_t k = 0; k < taps * padded; k++) {
            const size_t channel = k % padded, tap = k / padded;
            const int32_t offset = is_indirect ? offsets[tap * rows + row] : (int32_t)(row * channels);
            const bool is_zero = offset < 0 || channel == channels;
            const double expected = is_zero ? 0 : value_of(nearest(floats[(size_t)offset + channel]));
            expect_near(value_of(packing.packed[row * stride + k]), expected, 0, row * stride + k);
        }
    }
    float *widened = blank(rows * channels);
    kernels->widen(numbers, rows * channels, widened);
    for (size_t i = 0; i < rows * channels; i++) {
        expect_near(widened[i], value_of(nearest(floats[i])), 0, i);
    }
}

static void check_depthwise(const struct bf16_kernels *kernels) {
    const size_t usual[] = {1, 2, 3, 3, 3, 5, 5, 7};
    const size_t kernel_width = usual[pick(0, 7)], kernel_height = usual[pick(0, 7)];
    const size_t stride_height = pick(1, 3), stride_width = pick(1, 3), channels = pick(1, 100);
    const size_t output_rows = pick(1, 5), output_width = pick(1, 30);
    const bool rounded = once_in(2), clamps = once_in(2), has_bias = once_in(2);
    begin("%s %zu×%zu/%zu×%zu to %zu×%zu of %zu channels, clamped %d, rounded %d", kernels->depthwise_name,
          kernel_height, kernel_width, stride_height, stride_width, output_rows, output_width, channels, clamps,
          rounded);
    const size_t input_rows = (output_rows - 1) * stride_height + kernel_height;
    const size_t width = (output_width - 1) * stride_width + kernel_width;
    const uint16_t *rows[most_input_rows];
    const size_t row_count = (width + 1) * channels;
    const uint16_t *input = noise_numbers(input_rows * row_count);
    for (size_t row = 0; row < input_rows; row++) {
        rows[row] = once_in(5) ? NULL : input + row * row_count;
    }
    const float *weights = noise(channels * kernel_height * kernel_width), *bias = has_bias ? noise(channels) : NULL;
    uint16_t *packed = (uint16_t *)blank(bf16_depthwise_weight_count(channels, kernel_height, kernel_width) / 2);
    bf16_pack_depthwise(weights, channels, kernel_height, kernel_width, packed);
    float *packed_bias = blank(bf16_depthwise_bias_count(channels));
    bf16_pack_depthwise_bias(bias, channels, packed_bias);
    const struct bf16_depthwise_band band = {
        .rows = rows,
        .output_rows = output_rows,
        .output_width = output_width,
        .channels = channels,
        .kernel_height = kernel_height,
        .kernel_width = kernel_width,
        .stride_height = stride_height,
        .stride_width = stride_width,
        .weights = packed,
        .bias = packed_bias,
        .lower = clamps ? 0 : -INFINITY,
        .upper = clamps ? 0.75f : INFINITY,
        .output = blank_output(output_rows * output_width * channels, rounded),
        .rounded = rounded,
    };
    kernels->depthwise_band(&band);
    for (size_t at = 0; at < output_rows * output_width * channels; at++) {
        const size_t channel = at % channels, x = at / channels % output_width, y = at / channels / output_width;
        struct sum sum = {0};
        add_term(&sum, bias ? bias[channel] : 0);
        for (size_t tap = 0; tap < kernel_height * kernel_width; tap++) {
            const uint16_t *row = rows[y * stride_height + tap / kernel_width];
            if (row) {
                const size_t column = x * stride_width + tap % kernel_width;
                const float weight = weights[channel * kernel_height * kernel_width + tap];
                add_term(&sum, value_of(row[column * channels + channel]) * value_of(nearest(weight)));
            }
        }
        clamp_sum(&sum, band.lower, band.upper);
        expect_number(band.output, rounded, sum, at);
    }
}

void test_bf16(const struct bf16_kernels *kernels) {
    for (size_t rows = 1; rows <= kernels->tile_rows; rows++) {
        for (size_t columns = 1; columns <= kernels->tile_columns; columns++) {
            check_product(kernels, rows, columns);
        }
    }
    for (size_t i = 0; i < 100; i++) {
        check_rows(kernels);
    }
    for (size_t i = 0; i < 400; i++) {
        check_depthwise(kernels);
    }
}
