// The tile of the indirect matrix product of whole numbers, rows × 2 vectors, with functions for each number of rows.

// As i8_igemm_12x32__avx512vnni.
#define I8_IGEMM(rows) F32_NAME(i8_igemm_, rows, x, I8_TILE_COLUMNS, __, I8_ISA)

// How far ahead of its use a panel of weights is asked for.
#define I8_PREFETCH 4096

static inline __attribute__((always_inline)) void igemm_finish(const struct i8_igemm *tile, size_t row, size_t column,
                                                               i32v sum, bool bytes) {
    if (tile->columns <= column) {
        return;
    }
    const size_t left = tile->columns - column, count = left < F32_LANES ? left : F32_LANES;
    const size_t at = row * tile->output_stride + column;
    const struct i8_finish *finish = &tile->finish;
    f32v x =
        f32_multiply_add(i8_to_floats(sum), f32_load(finish->multipliers + column), f32_load(finish->biases + column));
    if (tile->byte_residual) {
        x = f32_multiply_add(i8_load_first(tile->byte_residual + at, count), f32_broadcast(finish->residual_scale), x);
    } else if (tile->float_residual) {
        const f32v residual =
            count == F32_LANES ? f32_load(tile->float_residual + at) : f32_load_first(tile->float_residual + at, count);
        x = f32_multiply_add(residual, f32_broadcast(finish->residual_scale), x);
    }
    x = f32_clamp(x, f32_broadcast(finish->lower), f32_broadcast(finish->upper));
    if (bytes) {
        i8_store_first((uint8_t *)tile->output + at, x, count);
    } else if (count == F32_LANES) {
        f32_store((float *)tile->output + at, x);
    } else {
        f32_store_first((float *)tile->output + at, x, count);
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
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
        igemm_finish(tile, i, 0, sum[i][0], bytes);
        if (vectors == 2) {
            igemm_finish(tile, i, F32_LANES, sum[i][1], bytes);
        }
    }
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
