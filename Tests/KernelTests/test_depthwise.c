// Depthwise convolution of a whole map, and of a band of rows that are padded in memory.

#include <math.h>
#include <string.h>

#include "check.h"
#include "tests.h"
#include "window.h"

enum { most_input_rows = 40 };

static void expect_map(const struct f32_depthwise *layer, size_t output_height, const float *input,
                       const float *residual, const float *output) {
    const struct f32_window *w = &layer->window;
    for (size_t at = 0; at < output_height * w->output_width * w->channels; at++) {
        const size_t channel = at % w->channels, x = at / w->channels % w->output_width;
        const size_t y = at / w->channels / w->output_width;
        struct sum sum = {0};
        add_term(&sum, layer->bias[channel]);
        for (size_t tap = 0; tap < w->kernel_height * w->kernel_width; tap++) {
            const float *pixel = pixel_under(w, input, y, x, tap / w->kernel_width, tap % w->kernel_width);
            if (pixel) {
                add_term(&sum, (double)pixel[channel] * layer->weights[tap * layer->weights_stride + channel]);
            }
        }
        if (residual) {
            add_term(&sum, residual[at]);
        }
        clamp_sum(&sum, layer->lower, layer->upper);
        expect_sum(output[at], sum, at);
    }
}

void test_depthwise(const struct f32_kernels *kernels) {
    for (size_t i = 0; i < 150; i++) {
        // More channels than are computed at a time, now and then.
        const struct window_case c = random_window(once_in(20) ? 400 : 40);
        const struct f32_window w = c.window;
        const bool has_residual = once_in(2), clamps = once_in(2);
        begin("%s %s, residual %d, clamped %d", kernels->depthwise_name, describe_window(&c), has_residual, clamps);
        const size_t stride = round_up(w.channels, kernels->lanes);
        const struct f32_depthwise layer = {
            .window = w,
            .weights = noise(w.kernel_height * w.kernel_width * stride),
            .bias = noise(stride),
            .weights_stride = stride,
            .lower = clamps ? 0 : -INFINITY,
            .upper = clamps ? 0.75f : INFINITY,
        };
        const size_t count = c.output_height * w.output_width * w.channels;
        const float *input = noise(w.height * w.width * w.channels), *residual = has_residual ? noise(count) : NULL;
        float *output = blank(count);
        const size_t split = pick(0, c.output_height), row = w.output_width * w.channels;
        kernels->depthwise(&layer, input, residual, output, split, c.output_height);
        expect_blank(output, 0, split * row);
        kernels->depthwise(&layer, input, residual, output, 0, split);
        expect_map(&layer, c.output_height, input, residual, output);
    }
}

static void expect_band(const struct f32_depthwise_band *band) {
    for (size_t at = 0; at < band->output_rows * band->output_width * band->channels; at++) {
        const size_t channel = at % band->channels, x = at / band->channels % band->output_width;
        const size_t y = at / band->channels / band->output_width;
        struct sum sum = {0};
        add_term(&sum, band->bias[channel]);
        for (size_t tap = 0; tap < band->kernel_height * band->kernel_width; tap++) {
            const float *row = band->rows[y * band->stride_height + tap / band->kernel_width];
            const size_t column = x * band->stride_width + tap % band->kernel_width;
            if (row) {
                add_term(&sum, (double)row[column * band->channels + channel] *
                                   band->weights[tap * band->weights_stride + channel]);
            }
        }
        clamp_sum(&sum, band->lower, band->upper);
        expect_sum(band->output[at], sum, at);
    }
}

void test_depthwise_band(const struct f32_kernels *kernels) {
    for (size_t i = 0; i < 200; i++) {
        const size_t usual = once_in(2) ? 3 : 5, is_usual = !once_in(3);
        const size_t kernel_height = pick(1, 6), kernel_width = is_usual ? usual : pick(1, 6);
        const size_t stride_height = pick(1, 3), stride_width = is_usual ? pick(1, 2) : pick(1, 3);
        const size_t channels = pick(1, once_in(20) ? 400 : 40), output_rows = pick(1, 6), output_width = pick(1, 28);
        const bool clamps = once_in(2);
        begin("depthwise_band %zu×%zu×%zu, kernel %zu×%zu, stride %zu×%zu, clamped %d", output_rows, output_width,
              channels, kernel_height, kernel_width, stride_height, stride_width, clamps);
        const size_t input_rows = (output_rows - 1) * stride_height + kernel_height;
        const size_t row_floats = ((output_width - 1) * stride_width + kernel_width) * channels;
        const float *rows[most_input_rows];
        const size_t above = pick(0, 2), below = pick(0, 2), first = above < input_rows ? above : 0;
        const size_t end = first + below < input_rows ? input_rows - below : input_rows;
        const float *input = noise((end - first) * row_floats);
        for (size_t row = 0; row < input_rows; row++) {
            rows[row] = row >= first && row < end ? input + (row - first) * row_floats : NULL;
        }
        const size_t stride = round_up(channels, kernels->lanes);
        const struct f32_depthwise_band band = {
            .rows = rows,
            .output_rows = output_rows,
            .output_width = output_width,
            .channels = channels,
            .kernel_height = kernel_height,
            .kernel_width = kernel_width,
            .stride_height = stride_height,
            .stride_width = stride_width,
            .weights = noise(kernel_height * kernel_width * stride),
            .bias = noise(stride),
            .weights_stride = stride,
            .lower = clamps ? 0 : -INFINITY,
            .upper = clamps ? 0.75f : INFINITY,
            .output = blank(output_rows * output_width * channels),
        };
        kernels->depthwise_band(&band);
        expect_band(&band);
    }
}
