// A 3×3 convolution by Winograd's F(4×4, 3×3), with all of its steps: the weights' transform, the input's, 36 products
// of matrices by the tile that other layers use, and the output's transform.

#include <math.h>
#include <string.h>

#include "check.h"
#include "f32_layout.h"
#include "tests.h"

enum { planes = 36, taps = 9, tile_extent = 4, most_channels = 30 };

struct convolution {
    struct f32_winograd layer;
    size_t tiles;
    const float *input;
    /// [outputs][channels][3][3]
    const float *weights;
    /// [blocks · tile_columns]
    const float *bias;
    const float *residual;
};

/// Some of the tiles, from the transform of their input to their output.
static void run(const struct f32_kernels *kernels, const struct convolution *c, const float *panels, float *transformed,
                float *product, float *output, size_t begin_tile, size_t end_tile) {
    const struct f32_winograd *layer = &c->layer;
    const size_t columns = kernels->tile_columns;
    static const float zeros[64];
    const size_t plane_floats = layer->channels * columns;
    float *transformed_weights = blank(planes * plane_floats);
    kernels->winograd_input(layer, c->input, transformed, begin_tile, end_tile);
    for (size_t column = 0; column < layer->outputs; column += columns) {
        const size_t left = layer->outputs - column;
        kernels->winograd_weights(panels + column * taps * layer->channels, plane_floats, plane_floats, 0, 6,
                                  transformed_weights, plane_floats);
        for (size_t plane = 0; plane < planes; plane++) {
            for (size_t tile = begin_tile; tile < end_tile; tile += kernels->tile_rows) {
                const size_t first = tile - begin_tile, rest = end_tile - tile;
                const size_t rows = rest < kernels->tile_rows ? rest : kernels->tile_rows;
                const struct f32_igemm step = {
                    .input = transformed + plane * layer->input_plane + first * layer->input_stride,
                    .input_stride = layer->input_stride,
                    .zeros = zeros,
                    .taps = 1,
                    .channels = layer->channels,
                    .weights = transformed_weights + plane * plane_floats,
                    .bias = zeros,
                    .output = product + plane * layer->product_plane + first * columns,
                    .output_stride = columns,
                    .columns = left < columns ? left : columns,
                    .lower = -INFINITY,
                    .upper = INFINITY,
                };
                kernels->igemm[rows - 1](&step);
            }
        }
        kernels->winograd_output(layer, product, c->bias + column, column, c->residual, output, begin_tile, end_tile);
    }
}

static const float *pixel(const struct convolution *c, size_t y, size_t x) {
    const ptrdiff_t row = (ptrdiff_t)y - (ptrdiff_t)c->layer.padding_top;
    const ptrdiff_t column = (ptrdiff_t)x - (ptrdiff_t)c->layer.padding_left;
    if (row < 0 || row >= (ptrdiff_t)c->layer.height || column < 0 || column >= (ptrdiff_t)c->layer.width) {
        return NULL;
    }
    return c->input + ((size_t)row * c->layer.width + (size_t)column) * c->layer.channels;
}

/// By the sums' definition. Winograd's cancel: their error goes with the weights, inputs being 1 at most, where the
/// direct sums' goes with the products.
static void expect_convolution(const struct convolution *c, const float *output) {
    const struct f32_winograd *layer = &c->layer;
    for (size_t at = 0; at < layer->output_height * layer->output_width * layer->outputs; at++) {
        const size_t n = at % layer->outputs, x = at / layer->outputs % layer->output_width;
        const size_t y = at / layer->outputs / layer->output_width;
        const float *filter = c->weights + n * layer->channels * taps;
        struct sum sum = {0};
        double weight = 1;
        add_term(&sum, c->bias[n]);
        for (size_t tap = 0; tap < taps; tap++) {
            const float *under = pixel(c, y + tap / 3, x + tap % 3);
            for (size_t channel = 0; channel < layer->channels; channel++) {
                weight += fabs((double)filter[channel * taps + tap]);
                add_term(&sum, under ? (double)under[channel] * filter[channel * taps + tap] : 0);
            }
        }
        if (c->residual) {
            add_term(&sum, c->residual[at]);
        }
        clamp_sum(&sum, layer->lower, layer->upper);
        expect_near(output[at], sum.value, 3e-6 * weight, at);
    }
}

static void check(const struct f32_kernels *kernels) {
    const size_t columns = kernels->tile_columns;
    const size_t height = pick(1, 14), width = pick(1, 14), channels = pick(1, most_channels), outputs = pick(1, 50);
    const size_t top = pick(1, 2), left = pick(1, 2), bottom = pick(1, 2), right = pick(1, 2);
    const size_t output_height = height + top + bottom - 2, output_width = width + left + right - 2;
    const bool has_residual = once_in(2), clamps = once_in(2);
    begin("%s %zu×%zu×%zu → %zu×%zu×%zu, padding %zu, %zu, residual %d, clamped %d", kernels->winograd_name, height,
          width, channels, output_height, output_width, outputs, top, left, has_residual, clamps);
    const size_t down = round_up(output_height, tile_extent) / tile_extent;
    const size_t across = round_up(output_width, tile_extent) / tile_extent;
    const size_t tiles = down * across, blocks = round_up(outputs, columns) / columns;
    const size_t stride = round_up(channels, kernels->lanes) + pick(0, 2);
    const size_t count = output_height * output_width * outputs;
    const struct convolution c = {
        .layer = {.height = height,
                  .width = width,
                  .channels = channels,
                  .output_height = output_height,
                  .output_width = output_width,
                  .outputs = outputs,
                  .padding_top = top,
                  .padding_left = left,
                  .tiles_across = across,
                  .input_stride = stride,
                  .input_plane = tiles * stride,
                  .product_plane = tiles * columns,
                  .lower = clamps ? 0 : -INFINITY,
                  .upper = clamps ? 6 : INFINITY},
        .tiles = tiles,
        .input = noise(height * width * channels),
        .weights = noise(outputs * channels * taps),
        .bias = noise(blocks * columns),
        .residual = has_residual ? noise(count) : NULL,
    };
    float *panels = blank(blocks * taps * channels * columns), *output = blank(count);
    float *transformed = blank(planes * tiles * stride), *product = blank(planes * tiles * columns);
    f32_pack_panels(c.weights, outputs, channels, taps, columns, panels);
    const size_t split = pick(0, tiles);
    run(kernels, &c, panels, transformed, product, output, 0, split);
    run(kernels, &c, panels, transformed, product, output, split, tiles);
    expect_convolution(&c, output);
}

/// U = G · g · Gᵀ, with G without its rows' factors, of Lavin & Gray, "Fast Algorithms for Convolutional Neural
/// Networks", 2016, section 4.3.
static double transformed_weight(const float *filter, size_t plane) {
    static const double g[6][3] = {{1, 0, 0}, {1, 1, 1}, {1, -1, 1}, {1, 2, 4}, {1, -2, 4}, {0, 0, 1}};
    double sum = 0;
    for (size_t tap = 0; tap < 9; tap++) {
        sum += g[plane / 6][tap / 3] * filter[tap] * g[plane % 6][tap % 3];
    }
    return sum;
}

static void check_weights(const struct f32_kernels *kernels, size_t count) {
    begin("winograd_weights of %zu", count);
    const size_t stride = count + pick(0, 5);
    const float *weights = noise((taps - 1) * stride + count);
    float *transformed = blank(planes * stride);
    const size_t begin = once_in(2) ? 0 : pick(0, 5), end = begin == 0 ? 6 : pick(begin, 6);
    kernels->winograd_weights(weights, stride, count, begin, end, transformed, stride);
    for (size_t at = 0; at < 6 * (end - begin) * count; at++) {
        float filter[taps];
        for (size_t tap = 0; tap < taps; tap++) {
            filter[tap] = weights[tap * stride + at % count];
        }
        const size_t plane = at / count, place = plane * stride + at % count;
        expect_near(transformed[place], transformed_weight(filter, 6 * begin + plane), 1e-5, place);
    }
}

void test_winograd(const struct f32_kernels *kernels) {
    for (size_t i = 0; i < 60; i++) {
        check(kernels);
        check_weights(kernels, kernels->lanes * pick(1, 20));
    }
}
