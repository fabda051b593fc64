// Windows of random shape, and what lies under their taps.
#pragma once

#include "f32_kernels.h"

/// A window and the number of its output rows, which end at most two pixels below the image.
struct window_case {
    struct f32_window window;
    size_t output_height;
};

/// With up to `most_channels` channels.
struct window_case random_window(size_t most_channels);

/// The pixel, [channels], of `input` under a tap of the output at (y, x); null outside of the image.
const float *pixel_under(const struct f32_window *window, const float *input, size_t y, size_t x, size_t tap_y,
                         size_t tap_x);

/// Describes the window in messages; of the last call.
const char *describe_window(const struct window_case *c);
