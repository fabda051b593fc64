#include "window.h"

#include <stdio.h>

#include "check.h"

enum { most_padding = 2, text_bytes = 200 };

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/// One axis of a window.
struct axis {
    size_t extent, output, kernel, stride, dilation, padding;
};

static struct axis random_axis(void) {
    struct axis axis = {.kernel = pick(1, 6), .stride = pick(1, 3), .dilation = once_in(4) ? pick(2, 3) : 1};
    // The usual ones have loops of their own.
    if (once_in(2)) {
        axis.kernel = once_in(2) ? 3 : 5;
        axis.stride = pick(1, 2);
        axis.dilation = 1;
    }
    const size_t reach = (axis.kernel - 1) * axis.dilation;
    axis.padding = pick(0, least(reach, most_padding));
    const size_t after = pick(0, least(reach, most_padding)), around = axis.padding + after;
    axis.extent = (reach > around ? reach - around : 0) + pick(1, 24);
    axis.output = (axis.extent + around - reach - 1) / axis.stride + 1;
    return axis;
}

struct window_case random_window(size_t most_channels) {
    const struct axis y = random_axis(), x = random_axis();
    return (struct window_case){
        .window = {.height = y.extent,
                   .width = x.extent,
                   .channels = pick(1, most_channels),
                   .output_width = x.output,
                   .kernel_height = y.kernel,
                   .kernel_width = x.kernel,
                   .stride_height = y.stride,
                   .stride_width = x.stride,
                   .dilation_height = y.dilation,
                   .dilation_width = x.dilation,
                   .padding_top = y.padding,
                   .padding_left = x.padding},
        .output_height = y.output,
    };
}

const float *pixel_under(const struct f32_window *w, const float *input, size_t y, size_t x, size_t tap_y,
                         size_t tap_x) {
    const ptrdiff_t row = (ptrdiff_t)(y * w->stride_height + tap_y * w->dilation_height) - (ptrdiff_t)w->padding_top;
    const ptrdiff_t column = (ptrdiff_t)(x * w->stride_width + tap_x * w->dilation_width) - (ptrdiff_t)w->padding_left;
    if (row < 0 || row >= (ptrdiff_t)w->height || column < 0 || column >= (ptrdiff_t)w->width) {
        return NULL;
    }
    return input + ((size_t)row * w->width + (size_t)column) * w->channels;
}

const char *describe_window(const struct window_case *c) {
    static char text[text_bytes];
    const struct f32_window *w = &c->window;
    snprintf(text, sizeof text,
             "%zu×%zu×%zu → %zu×%zu, kernel %zu×%zu, stride %zu×%zu, dilation %zu×%zu, padding %zu, %zu", w->height,
             w->width, w->channels, c->output_height, w->output_width, w->kernel_height, w->kernel_width,
             w->stride_height, w->stride_width, w->dilation_height, w->dilation_width, w->padding_top, w->padding_left);
    return text;
}
