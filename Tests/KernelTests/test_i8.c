// Products of whole numbers: tiles, depthwise convolutions and what goes with them, against plain loops.

#include <math.h>
#include <string.h>

#include "check.h"
#include "i8_layout.h"
#include "tests.h"
#include "window.h"

enum { most_taps = 9, most_rows = 16, most_channels = 150, untouched = 0xa5 };

/// `count` bytes just before a page that may not be touched.
static uint8_t *blank_bytes(size_t count) {
    const size_t floats = (count + 3) / 4;
    uint8_t *bytes = (uint8_t *)blank(floats) + (4 * floats - count);
    memset(bytes, untouched, count);
    return bytes;
}

static uint8_t *noise_bytes(size_t count) {
    uint8_t *bytes = blank_bytes(count);
    for (size_t i = 0; i < count; i++) {
        // Extremes are what could saturate.
        bytes[i] = once_in(4) ? 255 : (uint8_t)pick(0, 255);
    }
    return bytes;
}

static int8_t *noise_weights(size_t count) {
    int8_t *weights = (int8_t *)noise_bytes(count);
    for (size_t i = 0; i < count; i++) {
        weights[i] = weights[i] == -128 && once_in(2) ? -127 : weights[i];
    }
    return weights;
}

/// The number nearest to a sum, clamped; a bound where the sum lies far beyond it. No number is the lower bound.
static void expect_byte(uint8_t found, struct sum sum, const struct i8_finish *finish, size_t index) {
    if (isnan(sum.value) || fabs(sum.value) > 2e4) {
        expect_near(found, sum.value > 0 ? finish->upper : finish->lower, 0, index);
        return;
    }
    clamp_sum(&sum, finish->lower, finish->upper);
    expect_near(found, sum.value, 0.5 + 1e-5 * (sum.magnitude + 1), index);
}

/// Small ones, or such that hardly any sum lies between the bounds.
static const float *noise_multipliers(size_t count, float low) {
    const bool is_large = once_in(4);
    return noise_between(count, is_large ? 1 : low, is_large ? 100 : 10 * low);
}

/// Some of them not finite, or larger than 32 bits hold.
static const float *noise_residual(size_t count) {
    static const float extremes[] = {INFINITY, -INFINITY, NAN, 1e30f, -1e30f};
    float *residual = noise_between(count, -100, 100);
    for (size_t i = 0; i < count; i++) {
        residual[i] = once_in(10) ? extremes[pick(0, 4)] : residual[i];
    }
    return residual;
}

static void expect_untouched(const uint8_t *found, size_t index, size_t count) {
    for (size_t i = index; i < index + count; i++) {
        expect_near(found[i], untouched, 0, i);
    }
}

static struct sum finished(double sum, const struct i8_finish *finish, size_t column) {
    struct sum result = {0};
    add_term(&result, sum * finish->multipliers[column]);
    add_term(&result, finish->biases[column]);
    return result;
}

static void check_igemm(const struct i8_kernels *kernels, size_t rows, size_t columns, bool bytes) {
    const bool is_indirect = once_in(2), clamps = once_in(2);
    const size_t taps = is_indirect ? pick(1, most_taps) : 1, channels = pick(1, 24), quads = (channels + 3) / 4;
    const size_t pixels = rows + pick(0, 3), input_stride = channels + pick(0, 2), gap = pick(0, 3);
    const int residual = (int)pick(0, 2);
    begin("%s to %s, %zu×%zu, %zu taps of %zu channels, %s, residual %d, clamped %d", kernels->igemm_name,
          bytes ? "bytes" : "floats", rows, columns, taps, channels, is_indirect ? "indirect" : "rows in turn",
          residual, clamps);
    int32_t offsets[most_taps * most_rows];
    for (size_t i = 0; i < taps * rows; i++) {
        offsets[i] = once_in(5) ? -1 : (int32_t)(pick(0, pixels - 1) * input_stride);
    }
    offsets[pick(0, taps * rows - 1)] = (int32_t)((pixels - 1) * input_stride);
    const size_t filter = taps * channels, columns_of_tile = kernels->tile_columns;
    const int8_t *weights = noise_weights(columns * filter);
    int8_t *packed = (int8_t *)blank_bytes(taps * quads * columns_of_tile * 4);
    i8_pack_panels(weights, columns, channels, taps, 1, columns_of_tile, packed);
    const size_t stride = columns + gap, count = (rows - 1) * stride + columns;
    uint8_t *output = bytes ? blank_bytes(count) : (uint8_t *)blank(count);
    const struct i8_igemm tile = {
        .input = noise_bytes((pixels - 1) * input_stride + 4 * quads),
        .offsets = is_indirect ? offsets : NULL,
        .input_stride = input_stride,
        .zeros = noise_bytes(4 * quads),
        .taps = taps,
        .quads = quads,
        .weights = packed,
        .weights_ahead = packed,
        .ahead_step = 1,
        .finish = {.multipliers = noise_multipliers(columns_of_tile, 1e-4f),
                   .biases = noise_between(columns_of_tile, 0, 200),
                   .residual_scale = 0.3f,
                   .lower = clamps ? 20 : 0,
                   .upper = clamps ? 99 : 255},
        .byte_residual = residual == 1 ? noise_bytes(count) : NULL,
        .float_residual = residual != 2 ? NULL
                          : bytes       ? noise_residual(count)
                                        : noise_between(count, -100, 100),
        .output = output,
        .output_stride = stride,
        .columns = columns,
    };
    (bytes ? kernels->igemm_bytes : kernels->igemm_floats)[rows - 1](&tile);
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < columns; column++) {
            double sum = 0;
            for (size_t tap = 0; tap < taps; tap++) {
                const int32_t offset = is_indirect ? offsets[tap * rows + row] : (int32_t)(row * input_stride);
                const uint8_t *input = offset < 0 ? tile.zeros : tile.input + offset;
                for (size_t channel = 0; channel < channels; channel++) {
                    sum += input[channel] * weights[column * filter + channel * taps + tap];
                }
            }
            const size_t at = row * stride + column;
            struct sum result = finished(sum, &tile.finish, column);
            if (residual == 1) {
                add_term(&result, (double)tile.byte_residual[at] * tile.finish.residual_scale);
            } else if (residual == 2) {
                add_term(&result, (double)tile.float_residual[at] * tile.finish.residual_scale);
            }
            if (bytes) {
                expect_byte(output[at], result, &tile.finish, at);
            } else {
                clamp_sum(&result, tile.finish.lower, tile.finish.upper);
                expect_sum(((float *)(void *)output)[at], result, at);
            }
        }
        if (row + 1 < rows && bytes) {
            expect_untouched(output, row * stride + columns, gap);
        } else if (row + 1 < rows) {
            expect_blank((float *)(void *)output, row * stride + columns, gap);
        }
    }
}

static size_t window_pixel(const struct f32_window *w, size_t y, size_t x, size_t tap_y, size_t tap_x) {
    static const float origin[1];
    const float *pixel = pixel_under(w, origin, y, x, tap_y, tap_x);
    return pixel ? (size_t)(pixel - origin) : SIZE_MAX;
}

static void check_depthwise(const struct i8_kernels *kernels, bool bytes) {
    struct window_case c = random_window(most_channels);
    struct f32_window *w = &c.window;
    w->dilation_height = w->dilation_width = 1;
    const size_t taps = w->kernel_height * w->kernel_width, block = kernels->block;
    begin("%s to %s, %s", kernels->depthwise_name, bytes ? "bytes" : "floats", describe_window(&c));
    const size_t padded = round_up(w->channels, block), positions = i8_depthwise_positions(w);
    const int8_t *weights = noise_weights(w->channels * taps);
    int8_t *packed = (int8_t *)blank_bytes(padded * 4 * w->kernel_height * i8_depthwise_groups(w) * positions);
    i8_pack_depthwise(weights, w, block, packed);
    uint8_t *zeros = blank_bytes(padded);
    memset(zeros, 17, padded);
    const float *multipliers = noise_multipliers(w->channels, 1e-3f), *biases = noise_between(w->channels, 0, 200);
    float *packed_multipliers = blank(padded), *packed_biases = blank(padded);
    i8_pack_depthwise_floats(multipliers, w->channels, block, packed_multipliers);
    i8_pack_depthwise_floats(biases, w->channels, block, packed_biases);
    const struct i8_depthwise layer = {
        .window = *w,
        .zeros = zeros,
        .weights = packed,
        .finish = {.multipliers = packed_multipliers, .biases = packed_biases, .lower = 3, .upper = 200},
    };
    const uint8_t *input = noise_bytes(w->height * w->width * w->channels);
    const size_t count = c.output_height * w->output_width * w->channels;
    uint8_t *output = bytes ? blank_bytes(count) : (uint8_t *)blank(count);
    const size_t begin = pick(0, c.output_height - 1), end = pick(begin + 1, c.output_height);
    if (bytes) {
        kernels->depthwise_bytes(&layer, input, output, begin, end);
    } else {
        kernels->depthwise_floats(&layer, input, (float *)(void *)output, begin, end);
    }
    struct i8_finish finish = layer.finish;
    finish.multipliers = multipliers;
    finish.biases = biases;
    for (size_t y = begin; y < end; y++) {
        for (size_t x = 0; x < w->output_width; x++) {
            for (size_t channel = 0; channel < w->channels; channel++) {
                double sum = 0;
                for (size_t tap = 0; tap < taps; tap++) {
                    const size_t pixel = window_pixel(w, y, x, tap / w->kernel_width, tap % w->kernel_width);
                    sum += (pixel == SIZE_MAX ? 17 : input[pixel + channel]) * weights[channel * taps + tap];
                }
                struct sum result = finished(sum, &finish, channel);
                const size_t at = (y * w->output_width + x) * w->channels + channel;
                if (bytes) {
                    expect_byte(output[at], result, &finish, at);
                } else {
                    clamp_sum(&result, finish.lower, finish.upper);
                    expect_sum(((float *)(void *)output)[at], result, at);
                }
            }
        }
    }
    if (bytes) {
        const size_t row = w->output_width * w->channels;
        expect_untouched(output, 0, begin * row);
        expect_untouched(output, end * row, count - end * row);
    }
}

static void check_max_pool(const struct i8_kernels *kernels) {
    struct window_case c = random_window(most_channels);
    const struct f32_window *w = &c.window;
    begin("max_pool of bytes, %s", describe_window(&c));
    const uint8_t *input = noise_bytes(w->height * w->width * w->channels);
    uint8_t *output = blank_bytes(c.output_height * w->output_width * w->channels);
    kernels->max_pool(w, input, output, 0, c.output_height);
    for (size_t at = 0; at < c.output_height * w->output_width * w->channels; at++) {
        const size_t pixel = at / w->channels, y = pixel / w->output_width, x = pixel % w->output_width;
        uint8_t largest = 0;
        for (size_t tap = 0; tap < w->kernel_height * w->kernel_width; tap++) {
            const size_t under = window_pixel(w, y, x, tap / w->kernel_width, tap % w->kernel_width);
            const uint8_t number = under == SIZE_MAX ? 0 : input[under + at % w->channels];
            largest = number > largest ? number : largest;
        }
        expect_near(output[at], largest, 0, at);
    }
}

static void check_elementwise(const struct i8_kernels *kernels) {
    const size_t count = pick(1, 200);
    begin("quantize, dequantize and add of %zu", count);
    const float *x = noise_between(count, -3, 3);
    uint8_t *bytes = blank_bytes(count);
    kernels->quantize(x, 0.0123f, 100, 10, 250, bytes, count);
    float *back = blank(count);
    kernels->dequantize(bytes, 0.0123f, 100, back, count);
    const uint8_t *other = noise_bytes(count);
    uint8_t *sums = blank_bytes(count);
    kernels->add(bytes, 0.7f, other, 0.4f, -12, 5, 200, sums, count);
    for (size_t i = 0; i < count; i++) {
        const float whole = fminf(fmaxf(rintf(x[i] / 0.0123f) + 100, 10), 250);
        expect_near(bytes[i], (double)whole, 0, i);
        expect_near(back[i], ((double)bytes[i] - 100) * (double)0.0123f, 1e-6, i);
        struct sum sum = {0};
        add_term(&sum, bytes[i] * (double)0.7f);
        add_term(&sum, other[i] * (double)0.4f);
        add_term(&sum, -12);
        clamp_sum(&sum, 5, 200);
        expect_near(sums[i], sum.value, 0.5 + 1e-5 * (sum.magnitude + 1), i);
    }
}

void test_i8(const struct i8_kernels *kernels) {
    if (kernels->tile_rows > most_rows) {
        begin("%s", kernels->igemm_name);
        fail("%zu rows a tile, more than this test has room for", kernels->tile_rows);
        return;
    }
    for (size_t rows = 1; rows <= kernels->tile_rows; rows++) {
        for (size_t columns = 1; columns <= kernels->tile_columns; columns++) {
            check_igemm(kernels, rows, columns, true);
            check_igemm(kernels, rows, columns, false);
        }
    }
    for (size_t i = 0; i < 200; i++) {
        check_depthwise(kernels, true);
        check_depthwise(kernels, false);
        check_max_pool(kernels);
        check_elementwise(kernels);
    }
}
