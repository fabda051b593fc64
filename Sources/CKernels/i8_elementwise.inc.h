// Plain loops, which the compiler turns into vectors of the instruction set.

static inline __attribute__((always_inline)) float clamped(float x, float lower, float upper) {
    const float above = x > lower ? x : lower;
    return above < upper ? above : upper;
}

static void max_pool(const struct f32_window *w, const uint8_t *input, uint8_t *output, size_t row_begin,
                     size_t row_end) {
    const size_t channels = w->channels;
    for (size_t y = row_begin; y < row_end; y++) {
        const struct taps vertical =
            taps_inside(y, w->stride_height, w->padding_top, w->kernel_height, w->dilation_height, w->height);
        for (size_t x = 0; x < w->output_width; x++) {
            const struct taps horizontal =
                taps_inside(x, w->stride_width, w->padding_left, w->kernel_width, w->dilation_width, w->width);
            const uint8_t *first = input + window_offset(w, y, vertical, x, horizontal);
            uint8_t *target = output + (y * w->output_width + x) * channels;
            memset(target, 0, channels);
            for (size_t i = vertical.begin; i < vertical.end; i++) {
                for (size_t j = horizontal.begin; j < horizontal.end; j++) {
                    const uint8_t *pixel = first + ((i - vertical.begin) * w->dilation_height * w->width +
                                                    (j - horizontal.begin) * w->dilation_width) *
                                                       channels;
                    for (size_t channel = 0; channel < channels; channel++) {
                        target[channel] = target[channel] > pixel[channel] ? target[channel] : pixel[channel];
                    }
                }
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
