// Loops that the compiler turns into vectors of the instruction set.

static inline __attribute__((always_inline)) float clamped(float x, float lower, float upper) {
    const float above = x > lower ? x : lower;
    return above < upper ? above : upper;
}

typedef uint8_t byte_vector __attribute__((vector_size(I8_BLOCK)));

/// `count` channels, up to a vector of them, of a window of `rows` × `columns` pixels.
static inline __attribute__((always_inline)) void max_pool_block(const uint8_t *first, size_t rows, size_t row_stride,
                                                                 size_t columns, size_t column_stride, size_t count,
                                                                 uint8_t *target) {
    byte_vector largest = {0};
    for (size_t i = 0; i < rows; i++) {
        const uint8_t *pixel = first + i * row_stride;
        for (size_t j = 0; j < columns; j++, pixel += column_stride) {
            byte_vector numbers = {0};
            memcpy(&numbers, pixel, count);
            largest = __builtin_elementwise_max(largest, numbers);
        }
    }
    memcpy(target, &largest, count);
}

static void max_pool(const struct f32_window *w, const uint8_t *input, uint8_t *output, size_t row_begin,
                     size_t row_end) {
    const size_t row_stride = w->dilation_height * w->width * w->channels;
    const size_t column_stride = w->dilation_width * w->channels;
    for (size_t y = row_begin; y < row_end; y++) {
        const struct taps vertical =
            taps_inside(y, w->stride_height, w->padding_top, w->kernel_height, w->dilation_height, w->height);
        const size_t rows = vertical.end - vertical.begin;
        for (size_t x = 0; x < w->output_width; x++) {
            const struct taps horizontal =
                taps_inside(x, w->stride_width, w->padding_left, w->kernel_width, w->dilation_width, w->width);
            const size_t columns = horizontal.end - horizontal.begin;
            const uint8_t *first = input + window_offset(w, y, vertical, x, horizontal);
            uint8_t *target = output + (y * w->output_width + x) * w->channels;
            size_t channel = 0;
            for (; channel + I8_BLOCK <= w->channels; channel += I8_BLOCK) {
                max_pool_block(first + channel, rows, row_stride, columns, column_stride, I8_BLOCK, target + channel);
            }
            if (channel < w->channels) {
                max_pool_block(first + channel, rows, row_stride, columns, column_stride, w->channels - channel,
                               target + channel);
            }
        }
    }
}

static void add(const uint8_t *a, float a_scale, const uint8_t *b, float b_scale, float bias, float lower, float upper,
                uint8_t *output, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const float sum = (float)a[i] * a_scale + ((float)b[i] * b_scale + bias);
        output[i] = (uint8_t)(int32_t)rintf(clamped(sum, lower, upper));
    }
}

static void quantize(const float *input, float scale, float zero_point, float lower, float upper, uint8_t *output,
                     size_t count) {
    for (size_t i = 0; i < count; i++) {
        // A NaN becomes the lower bound.
        output[i] = (uint8_t)(int32_t)clamped(rintf(input[i] / scale) + zero_point, lower, upper);
    }
}

static void dequantize(const uint8_t *input, float scale, float zero_point, float *output, size_t count) {
    for (size_t i = 0; i < count; i++) {
        output[i] = ((float)input[i] - zero_point) * scale;
    }
}
