// The tile of the indirect matrix product, rows × 2 vectors, with a function for each number of rows.
// Included once per instruction set, after its vectors; F32_TILE_ROWS, F32_TILE_COLUMNS and F32_ISA are the includer's.

_Static_assert(F32_TILE_COLUMNS == 2 * F32_LANES, "a tile is two vectors wide");

// As f32_igemm_12x32__avx512.
#define F32_IGEMM(rows) F32_NAME(f32_igemm_, rows, x, F32_TILE_COLUMNS, __, F32_ISA)

// How far ahead of its use a panel of weights is asked for: a large layer's weights come from memory once per image.
#define F32_PREFETCH_FLOATS 2048

// How many steps before the last sums the lines that follow them have all been asked for. Sooner, and some are lost
// from the L1 cache again; later, and they do not come in time.
#define F32_PREFETCH_STEPS 40

/// What a tile reads once, and what is read after it.
struct igemm_stream {
    const float *weights;
    const char *ahead;
    size_t ahead_step;
};

// `rows` and `vectors`, of columns, are constants wherever this and what follows is inlined, so that the sums live in
// registers.
static inline __attribute__((always_inline)) void igemm_step(const float *const *row, size_t k,
                                                             struct igemm_stream *stream, f32v sum[F32_TILE_ROWS][2],
                                                             const size_t rows, const size_t vectors) {
    const float *weights = stream->weights;
    const f32v weight0 = f32_load(weights);
    const f32v weight1 = vectors == 2 ? f32_load(weights + F32_LANES) : weight0;
    __builtin_prefetch(weights + F32_PREFETCH_FLOATS);
    if (F32_LANES == 16) {
        __builtin_prefetch(weights + F32_PREFETCH_FLOATS + F32_LANES);
    }
    stream->weights += F32_TILE_COLUMNS;
    __builtin_prefetch(stream->ahead, 0, 2);
    stream->ahead += stream->ahead_step;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
        const f32v x = f32_broadcast(row[i][k]);
        sum[i][0] = f32_multiply_add(x, weight0, sum[i][0]);
        if (vectors == 2) {
            sum[i][1] = f32_multiply_add(x, weight1, sum[i][1]);
        }
    }
}

// Whether all columns are to be written, and whether there is a residual, are constants too: a store might change the
// tile, and the compiler would have it read again after each.
static inline __attribute__((always_inline)) void igemm_finish(const struct f32_igemm *tile, f32v sum[F32_TILE_ROWS][2],
                                                               const size_t rows, const size_t vectors,
                                                               const bool whole, const bool adds) {
    const f32v lower = f32_broadcast(tile->lower), upper = f32_broadcast(tile->upper);
    const size_t stride = tile->output_stride, left = tile->columns - (vectors - 1) * F32_LANES;
    const float *residual = tile->residual;
    float *output = tile->output;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
        for (size_t v = 0; v < vectors; v++) {
            const size_t at = i * stride + v * F32_LANES;
            f32v x = sum[i][v];
            if (whole || v + 1 < vectors) {
                x = adds ? f32_add(x, f32_load(residual + at)) : x;
                f32_store(output + at, f32_clamp(x, lower, upper));
            } else {
                x = adds ? f32_add(x, f32_load_first(residual + at, left)) : x;
                f32_store_first(output + at, f32_clamp(x, lower, upper), left);
            }
        }
    }
}

static inline __attribute__((always_inline)) void igemm_rows(const struct f32_igemm *tile, const size_t rows,
                                                             const size_t vectors) {
    f32v sum[F32_TILE_ROWS][2];
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
        sum[i][0] = f32_load(tile->bias);
        if (vectors == 2) {
            sum[i][1] = f32_load(tile->bias + F32_LANES);
        }
    }
    struct igemm_stream stream = {tile->weights, tile->ahead, tile->ahead_step};
    if (!tile->ahead) {
        stream.ahead = (const char *)tile->weights;
        stream.ahead_step = 0;
    }
    const size_t channels = tile->channels;
    const size_t steps = (tile->residual ? 2 : 1) * rows + F32_PREFETCH_STEPS;
    for (size_t tap = 0; tap < tile->taps; tap++) {
        const float *row[F32_TILE_ROWS];
        if (tile->offsets) {
            const int32_t *offsets = tile->offsets + tap * rows;
#pragma clang loop unroll(full)
            for (size_t i = 0; i < rows; i++) {
                row[i] = offsets[i] < 0 ? tile->zeros : tile->input + offsets[i];
            }
        } else {
#pragma clang loop unroll(full)
            for (size_t i = 0; i < rows; i++) {
                row[i] = tile->input + i * tile->input_stride;
            }
        }
        const size_t unasked = tap + 1 < tile->taps ? channels : channels > steps ? channels - steps : 0;
        size_t k = 0;
        for (; k < unasked; k++) {
            igemm_step(row, k, &stream, sum, rows, vectors);
        }
        if (tap + 1 == tile->taps) {
            // One row a step: on large maps they lie beyond the L2 cache, and all at once they are more than a core
            // waits for at a time.
            const float *const asked[2] = {tile->residual, tile->output};
#pragma clang loop unroll(disable)
            for (size_t i = tile->residual ? 0 : 1; i < 2; i++) {
                const float *line = asked[i];
                for (const size_t end = k + rows < channels ? k + rows : channels; k < end; k++) {
                    igemm_step(row, k, &stream, sum, rows, vectors);
                    __builtin_prefetch(line, 1);
                    __builtin_prefetch(line + F32_TILE_COLUMNS - 1, 1);
                    line += tile->output_stride;
                }
            }
        }
        for (; k < channels; k++) {
            igemm_step(row, k, &stream, sum, rows, vectors);
        }
    }
    if (tile->columns == vectors * F32_LANES) {
        if (tile->residual) {
            igemm_finish(tile, sum, rows, vectors, true, true);
        } else {
            igemm_finish(tile, sum, rows, vectors, true, false);
        }
    } else if (tile->residual) {
        igemm_finish(tile, sum, rows, vectors, false, true);
    } else {
        igemm_finish(tile, sum, rows, vectors, false, false);
    }
}

// Half a panel is half the work: layers of 16, 40 or 80 channels are common.
#define F32_DEFINE_IGEMM(rows)                                                                                         \
    static void F32_IGEMM(rows)(const struct f32_igemm *tile) {                                                        \
        if (tile->columns > F32_LANES) {                                                                               \
            igemm_rows(tile, rows, 2);                                                                                 \
        } else {                                                                                                       \
            igemm_rows(tile, rows, 1);                                                                                 \
        }                                                                                                              \
    }

F32_DEFINE_IGEMM(1)
F32_DEFINE_IGEMM(2)
F32_DEFINE_IGEMM(3)
F32_DEFINE_IGEMM(4)
F32_DEFINE_IGEMM(5)
F32_DEFINE_IGEMM(6)
#if F32_TILE_ROWS == 12
F32_DEFINE_IGEMM(7)
F32_DEFINE_IGEMM(8)
F32_DEFINE_IGEMM(9)
F32_DEFINE_IGEMM(10)
F32_DEFINE_IGEMM(11)
F32_DEFINE_IGEMM(12)
#endif

static const f32_igemm_function igemm_functions[F32_TILE_ROWS] = {
    F32_IGEMM(1), F32_IGEMM(2), F32_IGEMM(3), F32_IGEMM(4),  F32_IGEMM(5),  F32_IGEMM(6),
#if F32_TILE_ROWS == 12
    F32_IGEMM(7), F32_IGEMM(8), F32_IGEMM(9), F32_IGEMM(10), F32_IGEMM(11), F32_IGEMM(12),
#endif
};
