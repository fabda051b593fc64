// Depthwise convolution: vectors over channels; several output columns at a time share the weights in registers.

/// What is common to all channels of some output columns of one row.
struct depthwise_span {
    const float *input;
    size_t input_row;
    size_t input_column;
    const float *weights;
    size_t rows;
    size_t columns;
};

// `count` columns of output, `lanes` channels of each. `count`, `kernel` and `stride` are constants where it matters.
static inline __attribute__((always_inline)) void
depthwise_channels(const struct f32_depthwise *layer, const struct depthwise_span *span, size_t channel, size_t lanes,
                   const size_t count, const size_t kernel, const size_t stride, const float *residual, float *output) {
    const size_t channels = layer->window.channels;
    f32v sum[4];
#pragma clang loop unroll(full)
    for (size_t p = 0; p < count; p++) {
        sum[p] = f32_load(layer->bias + channel);
    }
    const float *input = span->input + channel;
    const float *weights = span->weights + channel;
    for (size_t tap_y = 0; tap_y < span->rows; tap_y++) {
#pragma clang loop unroll_count(5)
        for (size_t tap_x = 0; tap_x < kernel; tap_x++) {
            const f32v weight = f32_load(weights + tap_x * layer->weights_stride);
#pragma clang loop unroll(full)
            for (size_t p = 0; p < count; p++) {
                const float *at = input + p * stride * channels + tap_x * span->input_column;
                const f32v x = lanes == F32_LANES ? f32_load(at) : f32_load_first(at, lanes);
                sum[p] = f32_multiply_add(x, weight, sum[p]);
            }
        }
        input += span->input_row;
        weights += layer->window.kernel_width * layer->weights_stride;
    }
    const f32v lower = f32_broadcast(layer->lower), upper = f32_broadcast(layer->upper);
#pragma clang loop unroll(full)
    for (size_t p = 0; p < count; p++) {
        const size_t at = p * channels + channel;
        if (lanes == F32_LANES) {
            const f32v x = residual ? f32_add(sum[p], f32_load(residual + at)) : sum[p];
            f32_store(output + at, f32_clamp(x, lower, upper));
        } else {
            const f32v x = residual ? f32_add(sum[p], f32_load_first(residual + at, lanes)) : sum[p];
            f32_store_first(output + at, f32_clamp(x, lower, upper), lanes);
        }
    }
}

static inline __attribute__((always_inline)) void
depthwise_columns(const struct f32_depthwise *layer, const struct depthwise_span *span, const size_t count,
                  const size_t kernel, const size_t stride, const float *residual, float *output) {
    const size_t channels = layer->window.channels;
    size_t channel = 0;
    for (; channel + F32_LANES <= channels; channel += F32_LANES) {
        depthwise_channels(layer, span, channel, F32_LANES, count, kernel, stride, residual, output);
    }
    if (channel < channels) {
        depthwise_channels(layer, span, channel, channels - channel, count, kernel, stride, residual, output);
    }
}

/// Four output columns whose windows lie inside the row.
static void depthwise_inside(const struct f32_depthwise *layer, const struct depthwise_span *span,
                             const float *residual, float *output) {
    const size_t stride = layer->window.stride_width;
    const size_t kernel = layer->window.kernel_width;
    if (kernel == 3 && stride == 1) {
        depthwise_columns(layer, span, 4, 3, 1, residual, output);
    } else if (kernel == 3 && stride == 2) {
        depthwise_columns(layer, span, 4, 3, 2, residual, output);
    } else if (kernel == 5 && stride == 1) {
        depthwise_columns(layer, span, 4, 5, 1, residual, output);
    } else if (kernel == 5 && stride == 2) {
        depthwise_columns(layer, span, 4, 5, 2, residual, output);
    } else {
        depthwise_columns(layer, span, 4, kernel, stride, residual, output);
    }
}

/// One output column, whose window may overhang the border.
static void depthwise_border(const struct f32_depthwise *layer, const struct depthwise_span *span,
                             const float *residual, float *output) {
    depthwise_columns(layer, span, 1, span->columns, 1, residual, output);
}

static void depthwise(const struct f32_depthwise *layer, const float *input, const float *residual, float *output,
                      size_t row_begin, size_t row_end) {
    const struct f32_window *w = &layer->window;
    for (size_t y = row_begin; y < row_end; y++) {
        const struct taps vertical =
            taps_inside(y, w->stride_height, w->padding_top, w->kernel_height, w->dilation_height, w->height);
        for (size_t x = 0; x < w->output_width;) {
            const struct taps left =
                taps_inside(x, w->stride_width, w->padding_left, w->kernel_width, w->dilation_width, w->width);
            const bool four = x + 4 <= w->output_width && left.begin == 0 &&
                              taps_inside(x + 3, w->stride_width, w->padding_left, w->kernel_width, w->dilation_width,
                                          w->width)
                                      .end == w->kernel_width;
            const struct depthwise_span span = {
                .input = input + window_offset(w, y, vertical.begin, x, left.begin),
                .input_row = w->dilation_height * w->width * w->channels,
                .input_column = w->dilation_width * w->channels,
                .weights = layer->weights + (vertical.begin * w->kernel_width + left.begin) * layer->weights_stride,
                .rows = vertical.end - vertical.begin,
                .columns = left.end - left.begin,
            };
            const size_t at = (y * w->output_width + x) * w->channels;
            if (four) {
                depthwise_inside(layer, &span, residual ? residual + at : NULL, output + at);
            } else {
                depthwise_border(layer, &span, residual ? residual + at : NULL, output + at);
            }
            x += four ? 4 : 1;
        }
    }
}
