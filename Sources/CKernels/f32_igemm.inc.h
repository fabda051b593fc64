// The tile of the indirect matrix product, rows × 2 vectors, with a function for each number of rows.
// Included once per instruction set, after its vectors; F32_TILE_ROWS, F32_TILE_COLUMNS and F32_ISA are the includer's.

_Static_assert(F32_TILE_COLUMNS == 2 * F32_LANES, "a tile is two vectors wide");

// As f32_igemm_12x32__avx512.
#define F32_IGEMM(rows) F32_NAME(f32_igemm_, rows, x, F32_TILE_COLUMNS, __, F32_ISA)

// How far ahead of its use a panel of weights is asked for: a large layer's weights come from memory once per image.
#define F32_PREFETCH_FLOATS 2048

static inline __attribute__((always_inline)) void igemm_finish(const struct f32_igemm *tile, size_t row, size_t column,
                                                               f32v sum) {
    const size_t at = row * tile->output_stride + column;
    const size_t left = tile->columns > column ? tile->columns - column : 0;
    const f32v lower = f32_broadcast(tile->lower), upper = f32_broadcast(tile->upper);
    if (left >= F32_LANES) {
        if (tile->residual) {
            sum = f32_add(sum, f32_load(tile->residual + at));
        }
        f32_store(tile->output + at, f32_clamp(sum, lower, upper));
    } else if (left > 0) {
        if (tile->residual) {
            sum = f32_add(sum, f32_load_first(tile->residual + at, left));
        }
        f32_store_first(tile->output + at, f32_clamp(sum, lower, upper), left);
    }
}

// `rows` and `vectors`, of columns, are constants wherever this is inlined, so that the sums live in registers.
static inline __attribute__((always_inline)) void igemm_rows(const struct f32_igemm *tile, const size_t rows,
                                                             const size_t vectors) {
    f32v sum[F32_TILE_ROWS][2];
    // Asked for before the sums and needed after them: on large maps both lie beyond the L2 cache.
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
        const size_t at = i * tile->output_stride;
        if (tile->residual) {
            __builtin_prefetch(tile->residual + at);
            __builtin_prefetch(tile->residual + at + F32_TILE_COLUMNS - 1);
        }
        __builtin_prefetch(tile->output + at, 1);
        __builtin_prefetch(tile->output + at + F32_TILE_COLUMNS - 1, 1);
    }
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
        sum[i][0] = f32_load(tile->bias);
        if (vectors == 2) {
            sum[i][1] = f32_load(tile->bias + F32_LANES);
        }
    }
    const float *weights = tile->weights;
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
        const size_t channels = tile->channels;
        for (size_t k = 0; k < channels; k++) {
            const f32v weight0 = f32_load(weights);
            const f32v weight1 = vectors == 2 ? f32_load(weights + F32_LANES) : weight0;
            __builtin_prefetch(weights + F32_PREFETCH_FLOATS);
            if (F32_LANES == 16) {
                __builtin_prefetch(weights + F32_PREFETCH_FLOATS + F32_LANES);
            }
            weights += F32_TILE_COLUMNS;
#pragma clang loop unroll(full)
            for (size_t i = 0; i < rows; i++) {
                const f32v x = f32_broadcast(row[i][k]);
                sum[i][0] = f32_multiply_add(x, weight0, sum[i][0]);
                if (vectors == 2) {
                    sum[i][1] = f32_multiply_add(x, weight1, sum[i][1]);
                }
            }
        }
    }
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
        igemm_finish(tile, i, 0, sum[i][0]);
        if (vectors == 2) {
            igemm_finish(tile, i, F32_LANES, sum[i][1]);
        }
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
