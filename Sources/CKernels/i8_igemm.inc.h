// The tile of the indirect matrix product of whole numbers, rows × 2 vectors, with functions for each number of rows.

// As i8_igemm_12x32__avx512vnni.
#define I8_IGEMM(rows) F32_NAME(i8_igemm_, rows, x, I8_TILE_COLUMNS, __, I8_ISA)

// How far ahead of its use a panel of weights is asked for.
#define I8_PREFETCH 4096

/// What finishes sums. Apart from the tile: a byte that is written may lie anywhere, and all that a pointer leads to
/// would be read again after it.
struct igemm_finish {
    f32v multipliers[2];
    f32v biases[2];
    f32v residual_scale;
    f32v lower;
    f32v upper;
    uint8_t byte_lower;
    uint8_t byte_upper;
    const uint8_t *byte_residual;
    const float *float_residual;
    void *output;
    size_t stride;
};

enum igemm_residual { no_residual, byte_residual, float_residual };

/// The numbers of a row. `vectors` and `residual`, and `columns` of whole vectors, are constants wherever this is
/// inlined.
static inline __attribute__((always_inline)) void igemm_finish_row(const struct igemm_finish *f, size_t row,
                                                                   const i32v *sum, const size_t vectors,
                                                                   const enum igemm_residual residual, size_t columns,
                                                                   const bool bytes, f32v *x) {
#pragma clang loop unroll(full)
    for (size_t vector = 0; vector < vectors; vector++) {
        const size_t column = vector * F32_LANES, at = row * f->stride + column;
        const size_t count = vector + 1 < vectors ? F32_LANES : columns - column;
        x[vector] = f32_multiply_add(i8_to_floats(sum[vector]), f->multipliers[vector], f->biases[vector]);
        if (residual == byte_residual) {
            x[vector] = f32_multiply_add(i8_load_first(f->byte_residual + at, count), f->residual_scale, x[vector]);
        } else if (residual == float_residual) {
            const f32v added = f32_load_first(f->float_residual + at, count);
            x[vector] = f32_multiply_add(added, f->residual_scale, x[vector]);
            // It may be anything. A NaN becomes the lower bound as a byte.
            x[vector] = bytes ? f32_minimum(f32_maximum(x[vector], f->lower), f->upper) : x[vector];
        }
    }
}

static inline __attribute__((always_inline)) void igemm_finish_rows(const struct i8_igemm *tile, const size_t rows,
                                                                    const size_t vectors,
                                                                    const enum igemm_residual residual, size_t columns,
                                                                    const bool bytes, i32v (*sum)[2]) {
    const struct i8_finish *finish = &tile->finish;
    const struct igemm_finish f = {
        .multipliers = {f32_load(finish->multipliers), f32_load(finish->multipliers + F32_LANES)},
        .biases = {f32_load(finish->biases), f32_load(finish->biases + F32_LANES)},
        .residual_scale = f32_broadcast(finish->residual_scale),
        .lower = f32_broadcast(finish->lower),
        .upper = f32_broadcast(finish->upper),
        .byte_lower = bytes ? (uint8_t)finish->lower : 0,
        .byte_upper = bytes ? (uint8_t)finish->upper : 0,
        .byte_residual = tile->byte_residual,
        .float_residual = tile->float_residual,
        .output = tile->output,
        .stride = tile->output_stride,
    };
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i += 2) {
        const size_t count = i + 1 < rows ? 2 : 1;
        f32v x[2][2] = {{f32_broadcast(0), f32_broadcast(0)}, {f32_broadcast(0), f32_broadcast(0)}};
        for (size_t j = 0; j < count; j++) {
            igemm_finish_row(&f, i + j, sum[i + j], vectors, residual, columns, bytes, x[j]);
        }
        if (bytes) {
            uint8_t *output = (uint8_t *)f.output + i * f.stride;
            i8_store_rows(output, f.stride, count, x, f.byte_lower, f.byte_upper, columns);
            continue;
        }
        for (size_t j = 0; j < count; j++) {
            float *output = (float *)f.output + (i + j) * f.stride;
            const f32v first = f32_clamp(x[j][0], f.lower, f.upper);
            if (columns < F32_LANES) {
                f32_store_first(output, first, columns);
                continue;
            }
            f32_store(output, first);
            if (vectors == 2) {
                f32_store_first(output + F32_LANES, f32_clamp(x[j][1], f.lower, f.upper), columns - F32_LANES);
            }
        }
    }
}

static inline __attribute__((always_inline)) void igemm_finish(const struct i8_igemm *tile, const size_t rows,
                                                               const size_t vectors, const bool bytes, i32v (*sum)[2]) {
    const size_t whole = vectors * F32_LANES;
    if (tile->float_residual) {
        igemm_finish_rows(tile, rows, vectors, float_residual, tile->columns, bytes, sum);
    } else if (tile->byte_residual && tile->columns == whole) {
        igemm_finish_rows(tile, rows, vectors, byte_residual, whole, bytes, sum);
    } else if (tile->byte_residual) {
        igemm_finish_rows(tile, rows, vectors, byte_residual, tile->columns, bytes, sum);
    } else if (tile->columns == whole) {
        igemm_finish_rows(tile, rows, vectors, no_residual, whole, bytes, sum);
    } else {
        igemm_finish_rows(tile, rows, vectors, no_residual, tile->columns, bytes, sum);
    }
}

/// Asks for a row that the next tile, below this one, will write and for the residual's. Not for all rows at once: that
/// would fill the core's miss buffers.
static inline __attribute__((always_inline)) void igemm_ask(const struct i8_igemm *tile, const size_t rows, size_t row,
                                                            const bool bytes) {
    const size_t at = (rows + row) * tile->output_stride;
    __builtin_prefetch((const char *)tile->output + at * (bytes ? sizeof(uint8_t) : sizeof(float)), 1);
    if (tile->byte_residual) {
        __builtin_prefetch(tile->byte_residual + at);
    } else if (tile->float_residual) {
        __builtin_prefetch(tile->float_residual + at);
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
    const int8_t *weights = tile->weights, *ahead = tile->weights_ahead;
    const size_t ahead_step = tile->ahead_step;
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
            __builtin_prefetch(ahead, 0, 2);
            ahead += ahead_step;
            if (tap == 0 && quad < rows) {
                igemm_ask(tile, rows, quad, bytes);
            }
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
    igemm_finish(tile, rows, vectors, bytes, sum);
}

#define I8_DEFINE_IGEMM_TO(name, rows, bytes)                                                                          \
    static void name##_##rows(const struct i8_igemm *tile) {                                                           \
        if (tile->columns > F32_LANES) {                                                                               \
            igemm_rows(tile, rows, 2, bytes);                                                                          \
        } else {                                                                                                       \
            igemm_rows(tile, rows, 1, bytes);                                                                          \
        }                                                                                                              \
    }

#define I8_DEFINE_IGEMM(rows)                                                                                          \
    I8_DEFINE_IGEMM_TO(igemm_bytes, rows, true)                                                                        \
    I8_DEFINE_IGEMM_TO(igemm_floats, rows, false)

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
