// The largest element and the mean of each window.

#include <float.h>
#include <math.h>

#include "check.h"
#include "tests.h"
#include "window.h"

enum pooling { pooling_max, pooling_average, pooling_average_with_padding };

static const char *const pooling_names[] = {"max_pool", "average_pool", "average_pool with padding"};

static void pool(const struct f32_kernels *kernels, enum pooling kind, const struct f32_window *window,
                 const float *input, float *output, size_t row_begin, size_t row_end) {
    if (kind == pooling_max) {
        kernels->max_pool(window, input, output, row_begin, row_end);
    } else {
        kernels->average_pool(window, kind == pooling_average_with_padding, input, output, row_begin, row_end);
    }
}

static void expect_pooled(enum pooling kind, const struct window_case *c, const float *input, const float *output) {
    const struct f32_window *w = &c->window;
    const size_t taps = w->kernel_height * w->kernel_width;
    for (size_t at = 0; at < c->output_height * w->output_width * w->channels; at++) {
        const size_t channel = at % w->channels, x = at / w->channels % w->output_width;
        const size_t y = at / w->channels / w->output_width;
        struct sum sum = {0};
        double largest = -INFINITY;
        for (size_t tap = 0; tap < taps; tap++) {
            const float *pixel = pixel_under(w, input, y, x, tap / w->kernel_width, tap % w->kernel_width);
            if (pixel) {
                add_term(&sum, pixel[channel]);
                largest = fmax(largest, pixel[channel]);
            }
        }
        if (kind == pooling_max) {
            expect_near(output[at], largest, 0, at);
        } else {
            const double count = (double)(kind == pooling_average ? sum.terms : taps);
            sum.value /= count;
            sum.magnitude /= count;
            expect_sum(output[at], sum, at);
        }
    }
}

void test_pooling(const struct f32_kernels *kernels) {
    for (size_t i = 0; i < 240; i++) {
        const enum pooling kind = (enum pooling)(i % 3);
        const struct window_case c = random_window(40);
        begin("%s %s", pooling_names[kind], describe_window(&c));
        const float *input = noise(c.window.height * c.window.width * c.window.channels);
        const size_t row = c.window.output_width * c.window.channels, split = pick(0, c.output_height);
        float *output = blank(c.output_height * row);
        pool(kernels, kind, &c.window, input, output, split, c.output_height);
        expect_blank(output, 0, split * row);
        pool(kernels, kind, &c.window, input, output, 0, split);
        expect_pooled(kind, &c, input, output);
    }
}
