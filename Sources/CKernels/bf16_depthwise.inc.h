// Depthwise convolution of bfloat16 numbers, a few rows whose ends are padded with zeros in memory. Two columns of a
// row are interleaved to pairs, whose products are summed by one instruction; the same pairs serve all columns of
// output whose windows they lie in. 32 channels at a time: one cache line of each column.

enum { band_most_columns = 8 };

/// A run of output columns that are computed together. The first one's window begins with the first column of a pair.
struct band_run {
    const struct bf16_depthwise_band *band;
    const uint16_t *const *rows;
    /// Numbers from the begin of a row.
    size_t input;
    size_t output;
    /// Of this block of channels.
    const uint16_t *weights;
    const float *bias;
    size_t channel;
    __mmask32 mask;
};

// In the order of channels, of sums in the order of interleaved columns.
static inline __attribute__((always_inline)) void band_store(const struct band_run *run, size_t at, const __m512 *sum) {
    const struct bf16_depthwise_band *band = run->band;
    const __m512 low = clamped(sum[0], band->lower, band->upper), high = clamped(sum[1], band->lower, band->upper);
    if (band->rounded) {
        const __m512i order = _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
        const __m512i numbers = _mm512_permutexvar_epi64(order, (__m512i)_mm512_cvtne2ps_pbh(high, low));
        uint16_t *to = (uint16_t *)band->output + at;
        // A store with a mask of what lies close by makes later loads wait.
        if (run->mask == 0xffffffff) {
            _mm512_storeu_si512(to, numbers);
        } else {
            _mm512_mask_storeu_epi16(to, run->mask, numbers);
        }
        return;
    }
    float *to = (float *)band->output + at;
    const __m512i first_order = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    const __m512i second_order = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    const __m512d a = _mm512_castps_pd(low), b = _mm512_castps_pd(high);
    _mm512_mask_storeu_ps(to, (__mmask16)run->mask, _mm512_castpd_ps(_mm512_permutex2var_pd(a, first_order, b)));
    _mm512_mask_storeu_ps(to + 16, (__mmask16)(run->mask >> 16),
                          _mm512_castpd_ps(_mm512_permutex2var_pd(a, second_order, b)));
}

// `count`, `kernel` and `stride` are constants for the usual kernels: then sums and weights live in registers.
static inline __attribute__((always_inline)) void band_columns(const struct band_run *run, const size_t count,
                                                               const size_t kernel, const size_t stride,
                                                               const bool is_whole) {
    const struct bf16_depthwise_band *band = run->band;
    const size_t channels = band->channels, half = bf16_depthwise_block;
    const size_t even_pairs = bf16_depthwise_pairs(kernel, false), odd_pairs = bf16_depthwise_pairs(kernel, true);
    __m512 sum[band_most_columns][2];
#pragma clang loop unroll(full)
    for (size_t p = 0; p < count; p++) {
        sum[p][0] = _mm512_load_ps(run->bias);
        sum[p][1] = _mm512_load_ps(run->bias + 16);
    }
    const uint16_t *weights = run->weights;
    for (size_t row = 0; row < band->kernel_height; row++, weights += (even_pairs + odd_pairs) * 2 * half) {
        if (!run->rows[row]) {
            continue;
        }
        const uint16_t *input = run->rows[row] + run->input + run->channel;
        const size_t pairs = ((count - 1) * stride + kernel + 1) / 2;
#pragma clang loop unroll_count(10)
        for (size_t pair = 0; pair < pairs; pair++, input += 2 * channels) {
            const __m512i a = is_whole ? _mm512_loadu_si512(input) : _mm512_maskz_loadu_epi16(run->mask, input);
            const __m512i b =
                is_whole ? _mm512_loadu_si512(input + channels) : _mm512_maskz_loadu_epi16(run->mask, input + channels);
            const __m512bh low = (__m512bh)_mm512_unpacklo_epi16(a, b), high = (__m512bh)_mm512_unpackhi_epi16(a, b);
#pragma clang loop unroll(full)
            for (size_t p = 0; p < count; p++) {
                const size_t first = p * stride, is_odd = first % 2;
                // Far beyond the last where the window begins behind these columns.
                const size_t place = pair - first / 2;
                if (place >= (is_odd ? odd_pairs : even_pairs)) {
                    continue;
                }
                const uint16_t *weight = weights + ((is_odd ? even_pairs : 0) + place) * 2 * half;
                sum[p][0] = _mm512_dpbf16_ps(sum[p][0], low, (__m512bh)_mm512_load_si512(weight));
                sum[p][1] = _mm512_dpbf16_ps(sum[p][1], high, (__m512bh)_mm512_load_si512(weight + half));
            }
        }
    }
#pragma clang loop unroll(full)
    for (size_t p = 0; p < count; p++) {
        band_store(run, run->output + run->channel + p * channels, sum[p]);
    }
}

typedef void (*band_function)(const struct band_run *run);

#define BF16_BAND(name, count, kernel, stride)                                                                         \
    static void name##_##count(const struct band_run *run) {                                                           \
        if (run->mask == 0xffffffff) {                                                                                 \
            band_columns(run, count, kernel, stride, true);                                                            \
        } else {                                                                                                       \
            band_columns(run, count, kernel, stride, false);                                                           \
        }                                                                                                              \
    }

#define BF16_BANDS(name, kernel, stride)                                                                               \
    BF16_BAND(name, 1, kernel, stride)                                                                                 \
    BF16_BAND(name, 2, kernel, stride)                                                                                 \
    BF16_BAND(name, 3, kernel, stride)                                                                                 \
    BF16_BAND(name, 4, kernel, stride)                                                                                 \
    BF16_BAND(name, 5, kernel, stride)                                                                                 \
    BF16_BAND(name, 6, kernel, stride)                                                                                 \
    BF16_BAND(name, 7, kernel, stride)                                                                                 \
    BF16_BAND(name, 8, kernel, stride)                                                                                 \
    static const band_function name[band_most_columns] = {                                                             \
        name##_1, name##_2, name##_3, name##_4, name##_5, name##_6, name##_7, name##_8,                                \
    };

BF16_BANDS(band_3_1, 3, 1)
BF16_BANDS(band_3_2, 3, 2)
BF16_BANDS(band_5_1, 5, 1)
BF16_BANDS(band_5_2, 5, 2)

static void band_any(const struct band_run *run) {
    const struct bf16_depthwise_band *band = run->band;
    band_columns(run, 1, band->kernel_width, band->stride_width, run->mask == 0xffffffff);
}
static const band_function band_any_functions[1] = {band_any};

static void depthwise_band(const struct bf16_depthwise_band *band) {
    const size_t kernel = band->kernel_width, stride = band->stride_width;
    const bool is_usual = (kernel == 3 || kernel == 5) && (stride == 1 || stride == 2);
    const band_function *functions = !is_usual     ? band_any_functions
                                     : kernel == 3 ? (stride == 1 ? band_3_1 : band_3_2)
                                                   : (stride == 1 ? band_5_1 : band_5_2);
    const size_t block_weights = bf16_depthwise_weight_count(1, band->kernel_height, kernel);
    struct band_run run = {.band = band, .weights = band->weights, .bias = band->bias};
    for (; run.channel < band->channels; run.channel += bf16_depthwise_block) {
        const size_t left = band->channels - run.channel;
        run.mask = left >= bf16_depthwise_block ? 0xffffffff : (1u << left) - 1;
        run.rows = band->rows;
        run.output = 0;
        for (size_t row = 0; row < band->output_rows; row++, run.rows += band->stride_height) {
            run.input = 0;
            for (size_t x = 0; x < band->output_width;) {
                const size_t most = is_usual ? band_most_columns : 1, rest = band->output_width - x;
                const size_t count = rest < most ? rest : most;
                functions[count - 1](&run);
                x += count;
                run.input += count * stride * band->channels;
                run.output += count * band->channels;
            }
        }
        run.weights += block_weights;
        run.bias += bf16_depthwise_block;
    }
}
