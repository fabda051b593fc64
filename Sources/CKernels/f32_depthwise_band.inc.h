// Depthwise convolution of a few rows whose ends are padded with zeros in memory: no column is a special case, and the
// columns of a row are shared out evenly between runs. Vectors over channels, as in f32_depthwise.inc.h.

/// A run of output columns that are computed together.
struct band_run {
    const struct f32_depthwise_band *band;
    /// Under the run's first tap: in each row, an offset in floats.
    size_t input;
    size_t output;
    const float *const *rows;
    size_t channel_begin;
    size_t channel_end;
};

// `count`, `kernel` and `stride` are constants for the usual kernels: then inputs that columns share are loaded once.
static inline __attribute__((always_inline)) void band_vector(const struct band_run *run, size_t channel, size_t lanes,
                                                              const size_t count, const size_t kernel,
                                                              const size_t stride) {
    const struct f32_depthwise_band *band = run->band;
    const size_t channels = band->channels;
    f32v sum[F32_DEPTHWISE_COLUMNS];
#pragma clang loop unroll(full)
    for (size_t p = 0; p < count; p++) {
        sum[p] = f32_load(band->bias + channel);
    }
    const float *weights = band->weights + channel;
    for (size_t row = 0; row < band->kernel_height; row++, weights += kernel * band->weights_stride) {
        if (!run->rows[row]) {
            continue;
        }
        const float *input = run->rows[row] + run->input + channel;
#pragma clang loop unroll_count(5)
        for (size_t column = 0; column < kernel; column++) {
            const f32v weight = f32_load(weights + column * band->weights_stride);
#pragma clang loop unroll(full)
            for (size_t p = 0; p < count; p++) {
                const float *at = input + (p * stride + column) * channels;
                const f32v x = lanes == F32_LANES ? f32_load(at) : f32_load_first(at, lanes);
                sum[p] = f32_multiply_add(x, weight, sum[p]);
            }
        }
    }
    const f32v lower = f32_broadcast(band->lower), upper = f32_broadcast(band->upper);
    float *output = band->output + run->output + channel;
#pragma clang loop unroll(full)
    for (size_t p = 0; p < count; p++) {
        if (lanes == F32_LANES) {
            f32_store(output + p * channels, f32_clamp(sum[p], lower, upper));
        } else {
            f32_store_first(output + p * channels, f32_clamp(sum[p], lower, upper), lanes);
        }
    }
}

static inline __attribute__((always_inline)) void band_columns(const struct band_run *run, const size_t count,
                                                               const size_t kernel, const size_t stride) {
    size_t channel = run->channel_begin;
    for (; channel + F32_LANES <= run->channel_end; channel += F32_LANES) {
        band_vector(run, channel, F32_LANES, count, kernel, stride);
    }
    if (channel < run->channel_end) {
        band_vector(run, channel, run->channel_end - channel, count, kernel, stride);
    }
}

typedef void (*band_function)(const struct band_run *run);

#define F32_DEFINE_BAND(count)                                                                                         \
    static void band_3_1_##count(const struct band_run *run) { band_columns(run, count, 3, 1); }                       \
    static void band_3_2_##count(const struct band_run *run) { band_columns(run, count, 3, 2); }                       \
    static void band_5_1_##count(const struct band_run *run) { band_columns(run, count, 5, 1); }                       \
    static void band_5_2_##count(const struct band_run *run) { band_columns(run, count, 5, 2); }                       \
    static void band_any_##count(const struct band_run *run) {                                                         \
        band_columns(run, count, run->band->kernel_width, run->band->stride_width);                                    \
    }

F32_DEFINE_BAND(1)
F32_DEFINE_BAND(2)
F32_DEFINE_BAND(3)
F32_DEFINE_BAND(4)
#if F32_LANES == 16
F32_DEFINE_BAND(5)
F32_DEFINE_BAND(6)
F32_DEFINE_BAND(7)
F32_DEFINE_BAND(8)
#define F32_BANDS(name)                                                                                                \
    { name##_1, name##_2, name##_3, name##_4, name##_5, name##_6, name##_7, name##_8 }
#else
#define F32_BANDS(name)                                                                                                \
    { name##_1, name##_2, name##_3, name##_4 }
#endif

static const band_function band_3_1[] = F32_BANDS(band_3_1), band_3_2[] = F32_BANDS(band_3_2),
                           band_5_1[] = F32_BANDS(band_5_1), band_5_2[] = F32_BANDS(band_5_2),
                           band_any[] = F32_BANDS(band_any);

static const band_function *band_functions(const struct f32_depthwise_band *band) {
    if (band->kernel_width == 3 && band->stride_width <= 2) {
        return band->stride_width == 1 ? band_3_1 : band_3_2;
    }
    if (band->kernel_width == 5 && band->stride_width <= 2) {
        return band->stride_width == 1 ? band_5_1 : band_5_2;
    }
    return band_any;
}

static void F32_KERNEL(depthwise_band)(const struct f32_depthwise_band *band) {
    const band_function *functions = band_functions(band);
    const size_t runs = divide_up(band->output_width, F32_DEPTHWISE_COLUMNS);
    const size_t columns = band->output_width / runs, wider = band->output_width % runs;
    // As many channels at a time as leave the rows under the window in the L1 cache for the next output row.
    const size_t width = band->output_width * band->stride_width + band->kernel_width;
    const size_t cached = F32_DEPTHWISE_CACHE / (band->kernel_height * width * F32_LANES);
    const size_t block = (cached > 1 ? cached : 1) * F32_LANES;
    struct band_run run = {.band = band};
    for (size_t channel = 0; channel < band->channels; channel += block) {
        run.channel_begin = channel;
        run.channel_end = channel + block < band->channels ? channel + block : band->channels;
        run.rows = band->rows;
        run.output = 0;
        for (size_t row = 0; row < band->output_rows; row++, run.rows += band->stride_height) {
            run.input = 0;
            for (size_t index = 0; index < runs; index++) {
                const size_t count = columns + (index < wider);
                functions[count - 1](&run);
                run.input += count * band->stride_width * band->channels;
                run.output += count * band->channels;
            }
        }
    }
}
