// Depthwise convolution: vectors over channels; several output columns at a time share weights and inputs in registers.

// Output columns computed together: as many as leave registers for the weights and inputs of one row of taps.
#define F32_DEPTHWISE_COLUMNS (F32_LANES == 16 ? 8 : 4)

// Floats of input under the window that stay in the L1 cache: 32 KB, beside weights and output. Measured with
// EfficientNet-Lite0's layers on Zen 5: 0.76 ms, against 0.89 ms with all channels at once.
#define F32_DEPTHWISE_CACHE 8192

/// What some neighbouring output columns of one row have in common.
struct depthwise_span {
    const struct f32_depthwise *layer;
    /// The input and the weights under the first tap inside the image, for the first column.
    const float *input;
    const float *weights;
    /// Taps inside the image.
    size_t rows;
    size_t columns;
    const float *residual;
    float *output;
    size_t channel_begin;
    size_t channel_end;
};

// `lanes` channels of `count` output columns. `count`, `columns`, `stride` and `dilation` are constants for the usual
// kernels: then inputs that neighbouring columns share are loaded once.
static inline __attribute__((always_inline)) void depthwise_vector(const struct depthwise_span *span, size_t channel,
                                                                   size_t lanes, const size_t count,
                                                                   const size_t columns, const size_t stride,
                                                                   const size_t dilation) {
    const struct f32_depthwise *layer = span->layer;
    const size_t channels = layer->window.channels;
    const size_t input_row = layer->window.dilation_height * layer->window.width * channels;
    const size_t weights_row = layer->window.kernel_width * layer->weights_stride;
    f32v sum[F32_DEPTHWISE_COLUMNS];
#pragma clang loop unroll(full)
    for (size_t p = 0; p < count; p++) {
        sum[p] = f32_load(layer->bias + channel);
    }
    const float *input = span->input + channel;
    const float *weights = span->weights + channel;
    for (size_t row = 0; row < span->rows; row++) {
#pragma clang loop unroll_count(5)
        for (size_t column = 0; column < columns; column++) {
            const f32v weight = f32_load(weights + column * layer->weights_stride);
#pragma clang loop unroll(full)
            for (size_t p = 0; p < count; p++) {
                const float *at = input + (p * stride + column * dilation) * channels;
                const f32v x = lanes == F32_LANES ? f32_load(at) : f32_load_first(at, lanes);
                sum[p] = f32_multiply_add(x, weight, sum[p]);
            }
        }
        input += input_row;
        weights += weights_row;
    }
    const f32v lower = f32_broadcast(layer->lower), upper = f32_broadcast(layer->upper);
#pragma clang loop unroll(full)
    for (size_t p = 0; p < count; p++) {
        const size_t at = p * channels + channel;
        if (lanes == F32_LANES) {
            const f32v x = span->residual ? f32_add(sum[p], f32_load(span->residual + at)) : sum[p];
            f32_store(span->output + at, f32_clamp(x, lower, upper));
        } else {
            const f32v x = span->residual ? f32_add(sum[p], f32_load_first(span->residual + at, lanes)) : sum[p];
            f32_store_first(span->output + at, f32_clamp(x, lower, upper), lanes);
        }
    }
}

static inline __attribute__((always_inline)) void depthwise_channels(const struct depthwise_span *span,
                                                                     const size_t count, const size_t columns,
                                                                     const size_t stride, const size_t dilation) {
    size_t channel = span->channel_begin;
    for (; channel + F32_LANES <= span->channel_end; channel += F32_LANES) {
        depthwise_vector(span, channel, F32_LANES, count, columns, stride, dilation);
    }
    if (channel < span->channel_end) {
        depthwise_vector(span, channel, span->channel_end - channel, count, columns, stride, dilation);
    }
}

/// `count` output columns whose windows lie inside the row.
static inline __attribute__((always_inline)) void depthwise_inside(const struct depthwise_span *span,
                                                                   const size_t count) {
    const size_t kernel = span->layer->window.kernel_width;
    const size_t stride = span->layer->window.stride_width;
    const size_t dilation = span->layer->window.dilation_width;
    if (kernel == 3 && stride == 1 && dilation == 1) {
        depthwise_channels(span, count, 3, 1, 1);
    } else if (kernel == 3 && stride == 2 && dilation == 1) {
        depthwise_channels(span, count, 3, 2, 1);
    } else if (kernel == 5 && stride == 1 && dilation == 1) {
        depthwise_channels(span, count, 5, 1, 1);
    } else if (kernel == 5 && stride == 2 && dilation == 1) {
        depthwise_channels(span, count, 5, 2, 1);
    } else {
        depthwise_channels(span, count, kernel, stride, dilation);
    }
}

static void depthwise_many(const struct depthwise_span *span) { depthwise_inside(span, F32_DEPTHWISE_COLUMNS); }

static void depthwise_two(const struct depthwise_span *span) { depthwise_inside(span, 2); }

/// One output column, whose window may overhang the border.
static void depthwise_one(const struct depthwise_span *span) {
    const size_t dilation = span->layer->window.dilation_width;
    switch (span->columns) {
    case 2:
        return depthwise_channels(span, 1, 2, 1, dilation);
    case 3:
        return depthwise_channels(span, 1, 3, 1, dilation);
    case 4:
        return depthwise_channels(span, 1, 4, 1, dilation);
    case 5:
        return depthwise_channels(span, 1, 5, 1, dilation);
    default:
        return depthwise_channels(span, 1, span->columns, 1, dilation);
    }
}

/// The output columns of a row whose windows lie inside it.
static inline struct taps columns_inside(const struct f32_window *w) {
    const size_t begin = divide_up(w->padding_left, w->stride_width);
    const size_t reach = (w->kernel_width - 1) * w->dilation_width;
    const size_t end =
        w->width + w->padding_left > reach ? divide_up(w->width + w->padding_left - reach, w->stride_width) : 0;
    const size_t last = end < w->output_width ? end : w->output_width;
    return (struct taps){begin < last ? begin : last, last};
}

static void depthwise(const struct f32_depthwise *layer, const float *input, const float *residual, float *output,
                      size_t row_begin, size_t row_end) {
    const struct f32_window *w = &layer->window;
    const struct taps inside = columns_inside(w);
    // As many channels at a time as leave the input rows under the window in the L1 cache for the next output row.
    const size_t cached = F32_DEPTHWISE_CACHE / (w->kernel_height * w->width * F32_LANES);
    const size_t block = (cached > 1 ? cached : 1) * F32_LANES;
    for (size_t channel = 0; channel < w->channels; channel += block) {
        const size_t channel_end = channel + block < w->channels ? channel + block : w->channels;
        for (size_t y = row_begin; y < row_end; y++) {
            const struct taps vertical =
                taps_inside(y, w->stride_height, w->padding_top, w->kernel_height, w->dilation_height, w->height);
            struct depthwise_span span = {
                .layer = layer,
                .rows = vertical.end - vertical.begin,
                .columns = w->kernel_width,
                .channel_begin = channel,
                .channel_end = channel_end,
            };
            for (size_t x = 0; x < w->output_width;) {
                const bool is_inside = x >= inside.begin && x < inside.end;
                const struct taps horizontal = is_inside ? (struct taps){0, w->kernel_width}
                                                         : taps_inside(x, w->stride_width, w->padding_left,
                                                                       w->kernel_width, w->dilation_width, w->width);
                const size_t at = (y * w->output_width + x) * w->channels;
                span.input = input + window_offset(w, y, vertical.begin, x, horizontal.begin);
                span.weights =
                    layer->weights + (vertical.begin * w->kernel_width + horizontal.begin) * layer->weights_stride;
                span.columns = horizontal.end - horizontal.begin;
                span.residual = residual ? residual + at : NULL;
                span.output = output + at;
                if (is_inside && x + F32_DEPTHWISE_COLUMNS <= inside.end) {
                    depthwise_many(&span);
                    x += F32_DEPTHWISE_COLUMNS;
                } else if (is_inside && x + 2 <= inside.end) {
                    depthwise_two(&span);
                    x += 2;
                } else {
                    depthwise_one(&span);
                    x += 1;
                }
            }
        }
    }
}
