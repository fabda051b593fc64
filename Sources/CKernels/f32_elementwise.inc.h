// Kernels that visit every element once.

static void add(const float *a, const float *b, float *output, size_t count, float lower, float upper) {
    const f32v low = f32_broadcast(lower), high = f32_broadcast(upper);
    size_t i = 0;
    for (; i + F32_LANES <= count; i += F32_LANES) {
        f32_store(output + i, f32_clamp(f32_add(f32_load(a + i), f32_load(b + i)), low, high));
    }
    if (i < count) {
        const size_t n = count - i;
        const f32v sum = f32_add(f32_load_first(a + i, n), f32_load_first(b + i, n));
        f32_store_first(output + i, f32_clamp(sum, low, high), n);
    }
}

static void clamp(const float *input, float *output, size_t count, float lower, float upper) {
    const f32v low = f32_broadcast(lower), high = f32_broadcast(upper);
    size_t i = 0;
    for (; i + F32_LANES <= count; i += F32_LANES) {
        f32_store(output + i, f32_clamp(f32_load(input + i), low, high));
    }
    if (i < count) {
        f32_store_first(output + i, f32_clamp(f32_load_first(input + i, count - i), low, high), count - i);
    }
}

static void affine(const float *input, const float *scale, const float *shift, float *output, size_t pixels,
                   size_t channels, float lower, float upper) {
    const f32v low = f32_broadcast(lower), high = f32_broadcast(upper);
    for (size_t pixel = 0; pixel < pixels; pixel++, input += channels, output += channels) {
        size_t i = 0;
        for (; i + F32_LANES <= channels; i += F32_LANES) {
            const f32v x = f32_multiply_add(f32_load(input + i), f32_load(scale + i), f32_load(shift + i));
            f32_store(output + i, f32_clamp(x, low, high));
        }
        if (i < channels) {
            const size_t n = channels - i;
            const f32v x = f32_multiply_add(f32_load_first(input + i, n), f32_load_first(scale + i, n),
                                            f32_load_first(shift + i, n));
            f32_store_first(output + i, f32_clamp(x, low, high), n);
        }
    }
}

// As many independent sums as hide the latency of a multiply-add on two ports.
enum { peak_sums = 12 };

static float multiply_adds(size_t iterations, float factor) {
    const f32v x = f32_broadcast(factor);
    f32v sum[peak_sums];
#pragma clang loop unroll(full)
    for (int i = 0; i < peak_sums; i++) {
        sum[i] = f32_broadcast((float)i);
    }
    for (size_t iteration = 0; iteration < iterations; iteration++) {
#pragma clang loop unroll(full)
        for (int i = 0; i < peak_sums; i++) {
            sum[i] = f32_multiply_add(sum[i], x, x);
        }
    }
    f32v total = sum[0];
#pragma clang loop unroll(full)
    for (int i = 1; i < peak_sums; i++) {
        total = f32_add(total, sum[i]);
    }
    float result;
    f32_store_first(&result, total, 1);
    return result;
}
