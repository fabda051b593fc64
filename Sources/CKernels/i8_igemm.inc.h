// The tile of the indirect matrix product of whole numbers, rows × 2 vectors, with functions for each number of rows.

// As i8_igemm_12x32__avx512vnni.
#define I8_IGEMM(rows) F32_NAME(i8_igemm_, rows, x, I8_TILE_COLUMNS, __, I8_ISA)

// How far ahead of its use a panel of weights is asked for.
#define I8_PREFETCH 4096

/// What finishes the sums of some columns. Apart from the tile: a byte that is written may lie anywhere, and all that a
/// pointer leads to would be read again after it.
struct igemm_columns {
    f32v multipliers;
    f32v biases;
    f32v lower;
    f32v upper;
    f32v residual_scale;
    const uint8_t *byte_residual;
    const float *float_residual;
    void *output;
    size_t stride;
    size_t count;
};

/// The vector of columns from `column` on, some of which there are.
static inline __attribute__((always_inline)) struct igemm_columns igemm_columns_at(const struct i8_igemm *tile,
                                                                                   size_t column, bool bytes) {
    const struct i8_finish *finish = &tile->finish;
    const size_t left = tile->columns - column;
    return (struct igemm_columns){
        .multipliers = f32_load(finish->multipliers + column),
        .biases = f32_load(finish->biases + column),
        .lower = f32_broadcast(finish->lower),
        .upper = f32_broadcast(finish->upper),
        .residual_scale = f32_broadcast(finish->residual_scale),
        .byte_residual = tile->byte_residual ? tile->byte_residual + column : NULL,
        .float_residual = tile->float_residual ? tile->float_residual + column : NULL,
        .output = (char *)tile->output + column * (bytes ? sizeof(uint8_t) : sizeof(float)),
        .stride = tile->output_stride,
        .count = left < F32_LANES ? left : F32_LANES,
    };
}

// `bytes`, and `count` of a whole vector, are constants wherever this is inlined.
static inline __attribute__((always_inline)) void igemm_finish_row(const struct igemm_columns *c, size_t row, i32v sum,
                                                                   size_t count, bool bytes) {
    const size_t at = row * c->stride;
    f32v x = f32_multiply_add(i8_to_floats(sum), c->multipliers, c->biases);
    if (c->byte_residual) {
        x = f32_multiply_add(i8_load_first(c->byte_residual + at, count), c->residual_scale, x);
    } else if (c->float_residual) {
        const float *residual = c->float_residual + at;
        const f32v added = count == F32_LANES ? f32_load(residual) : f32_load_first(residual, count);
        x = f32_multiply_add(added, c->residual_scale, x);
    }
    // A NaN, of a residual in floats, becomes the lower bound as a byte.
    x = bytes ? f32_minimum(f32_maximum(x, c->lower), c->upper) : f32_clamp(x, c->lower, c->upper);
    if (bytes) {
        i8_store_first((uint8_t *)c->output + at, x, count);
    } else if (count == F32_LANES) {
        f32_store((float *)c->output + at, x);
    } else {
        f32_store_first((float *)c->output + at, x, count);
    }
}

static inline __attribute__((always_inline)) void igemm_finish(const struct i8_igemm *tile, const size_t rows,
                                                               const size_t vectors, i32v (*sum)[2], bool bytes) {
#pragma clang loop unroll(full)
    for (size_t vector = 0; vector < vectors; vector++) {
        if (tile->columns <= vector * F32_LANES) {
            return;
        }
        const struct igemm_columns columns = igemm_columns_at(tile, vector * F32_LANES, bytes);
        if (columns.count == F32_LANES) {
#pragma clang loop unroll(full)
            for (size_t i = 0; i < rows; i++) {
                igemm_finish_row(&columns, i, sum[i][vector], F32_LANES, bytes);
            }
        } else {
#pragma clang loop unroll(full)
            for (size_t i = 0; i < rows; i++) {
                igemm_finish_row(&columns, i, sum[i][vector], columns.count, bytes);
            }
        }
    }
}

// `rows`, `vectors` and `bytes` are constants wherever this is inlined, so that the sums live in registers.
static inline __attribute__((always_inline)) void igemm_rows(const struct i8_igemm *tile, const size_t rows,
                                                             const size_t vectors, const bool bytes) {
    i32v sum[I8_TILE_ROWS][2];
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
        sum[i][0] = i8_zero();
        if (vectors == 2) {
            sum[i][1] = i8_zero();
        }
    }
    const int8_t *weights = tile->weights;
    for (size_t tap = 0; tap < tile->taps; tap++) {
        const uint8_t *row[I8_TILE_ROWS];
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
        for (size_t quad = 0; quad < tile->quads; quad++, weights += 4 * I8_TILE_COLUMNS) {
            const i8_weights weight0 = i8_load_weights(weights);
            const i8_weights weight1 = vectors == 2 ? i8_load_weights(weights + 4 * F32_LANES) : weight0;
            __builtin_prefetch(weights + I8_PREFETCH);
            if (4 * I8_TILE_COLUMNS > 64) {
                __builtin_prefetch(weights + I8_PREFETCH + 64);
            }
#pragma clang loop unroll(full)
            for (size_t i = 0; i < rows; i++) {
                const i8_numbers x = i8_broadcast(row[i] + 4 * quad);
                sum[i][0] = i8_dot(sum[i][0], x, weight0);
                if (vectors == 2) {
                    sum[i][1] = i8_dot(sum[i][1], x, weight1);
                }
            }
        }
    }
    igemm_finish(tile, rows, vectors, sum, bytes);
}

#define I8_DEFINE_IGEMM(rows)                                                                                          \
    static void igemm_bytes_##rows(const struct i8_igemm *tile) {                                                      \
        if (tile->columns > F32_LANES) {                                                                               \
            igemm_rows(tile, rows, 2, true);                                                                           \
        } else {                                                                                                       \
            igemm_rows(tile, rows, 1, true);                                                                           \
        }                                                                                                              \
    }                                                                                                                  \
    static void igemm_floats_##rows(const struct i8_igemm *tile) { igemm_rows(tile, rows, 2, false); }

I8_DEFINE_IGEMM(1)
I8_DEFINE_IGEMM(2)
I8_DEFINE_IGEMM(3)
I8_DEFINE_IGEMM(4)
#if I8_TILE_ROWS == 12
I8_DEFINE_IGEMM(5)
I8_DEFINE_IGEMM(6)
I8_DEFINE_IGEMM(7)
I8_DEFINE_IGEMM(8)
I8_DEFINE_IGEMM(9)
I8_DEFINE_IGEMM(10)
I8_DEFINE_IGEMM(11)
I8_DEFINE_IGEMM(12)
#endif

static const i8_igemm_function igemm_bytes[I8_TILE_ROWS] = {
    igemm_bytes_1, igemm_bytes_2,  igemm_bytes_3,  igemm_bytes_4,
#if I8_TILE_ROWS == 12
    igemm_bytes_5, igemm_bytes_6,  igemm_bytes_7,  igemm_bytes_8,
    igemm_bytes_9, igemm_bytes_10, igemm_bytes_11, igemm_bytes_12,
#endif
};
static const i8_igemm_function igemm_floats[I8_TILE_ROWS] = {
    igemm_floats_1, igemm_floats_2,  igemm_floats_3,  igemm_floats_4,
#if I8_TILE_ROWS == 12
    igemm_floats_5, igemm_floats_6,  igemm_floats_7,  igemm_floats_8,
    igemm_floats_9, igemm_floats_10, igemm_floats_11, igemm_floats_12,
#endif
};
