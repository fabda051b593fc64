// Pooling: vectors over channels, one output element after another.

/// The taps of one output element that lie inside the image.
struct pooling_taps {
    const float *input;
    size_t input_row;
    size_t input_column;
    size_t rows;
    size_t columns;
};

static inline struct pooling_taps pooling_taps_at(const struct f32_window *w, const float *input, size_t y, size_t x) {
    const struct taps vertical =
        taps_inside(y, w->stride_height, w->padding_top, w->kernel_height, w->dilation_height, w->height);
    const struct taps horizontal =
        taps_inside(x, w->stride_width, w->padding_left, w->kernel_width, w->dilation_width, w->width);
    return (struct pooling_taps){
        .input = input + window_offset(w, y, vertical.begin, x, horizontal.begin),
        .input_row = w->dilation_height * w->width * w->channels,
        .input_column = w->dilation_width * w->channels,
        .rows = vertical.end - vertical.begin,
        .columns = horizontal.end - horizontal.begin,
    };
}

static inline __attribute__((always_inline)) f32v pooling_load(const float *at, size_t lanes) {
    return lanes == F32_LANES ? f32_load(at) : f32_load_first(at, lanes);
}

static inline __attribute__((always_inline)) void pooling_store(float *at, f32v x, size_t lanes) {
    if (lanes == F32_LANES) {
        f32_store(at, x);
    } else {
        f32_store_first(at, x, lanes);
    }
}

static inline __attribute__((always_inline)) void max_pool_channels(const struct pooling_taps *taps, size_t channel,
                                                                    size_t lanes, float *output) {
    f32v largest = f32_broadcast(-__builtin_inff());
    for (size_t i = 0; i < taps->rows; i++) {
        for (size_t j = 0; j < taps->columns; j++) {
            const float *at = taps->input + i * taps->input_row + j * taps->input_column + channel;
            largest = f32_maximum(largest, pooling_load(at, lanes));
        }
    }
    pooling_store(output + channel, largest, lanes);
}

static void max_pool(const struct f32_window *w, const float *input, float *output, size_t row_begin, size_t row_end) {
    for (size_t y = row_begin; y < row_end; y++) {
        for (size_t x = 0; x < w->output_width; x++) {
            const struct pooling_taps taps = pooling_taps_at(w, input, y, x);
            float *at = output + (y * w->output_width + x) * w->channels;
            size_t channel = 0;
            for (; channel + F32_LANES <= w->channels; channel += F32_LANES) {
                max_pool_channels(&taps, channel, F32_LANES, at);
            }
            if (channel < w->channels) {
                max_pool_channels(&taps, channel, w->channels - channel, at);
            }
        }
    }
}

// Sums each row of taps on its own: the rounding error of a mean over a whole map grows with its side, not its area.
static inline __attribute__((always_inline)) void average_pool_channels(const struct pooling_taps *taps, size_t channel,
                                                                        size_t lanes, f32v divisor, float *output) {
    f32v sum = f32_broadcast(0);
    for (size_t i = 0; i < taps->rows; i++) {
        f32v row = f32_broadcast(0);
        for (size_t j = 0; j < taps->columns; j++) {
            const float *at = taps->input + i * taps->input_row + j * taps->input_column + channel;
            row = f32_add(row, pooling_load(at, lanes));
        }
        sum = f32_add(sum, row);
    }
    pooling_store(output + channel, f32_divide(sum, divisor), lanes);
}

static void average_pool(const struct f32_window *w, bool counts_padding, const float *input, float *output,
                         size_t row_begin, size_t row_end) {
    for (size_t y = row_begin; y < row_end; y++) {
        for (size_t x = 0; x < w->output_width; x++) {
            const struct pooling_taps taps = pooling_taps_at(w, input, y, x);
            const size_t count = counts_padding ? w->kernel_height * w->kernel_width : taps.rows * taps.columns;
            const f32v divisor = f32_broadcast((float)count);
            float *at = output + (y * w->output_width + x) * w->channels;
            size_t channel = 0;
            for (; channel + F32_LANES <= w->channels; channel += F32_LANES) {
                average_pool_channels(&taps, channel, F32_LANES, divisor, at);
            }
            if (channel < w->channels) {
                average_pool_channels(&taps, channel, w->channels - channel, divisor, at);
            }
        }
    }
}
