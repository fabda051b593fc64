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

// Columns are counted by half vectors, `halves`, where an instruction set has them.
#ifndef F32_HALVES
#define F32_HALVES 0
typedef f32v f32h;
#define f32_first_half(x) (x)
#define f32_from_half(x) (x)
#define f32_in_register(x) (x)
#define f32_load_half f32_load
#define f32_store_half f32_store
#define f32_multiply_add_half f32_multiply_add
#endif

/// The sums of a tile: of `halves` / 2 vectors a row and, where they are odd, of half a vector more.
struct igemm_sums {
    f32v whole[F32_TILE_ROWS][2];
    f32h half[F32_TILE_ROWS];
};

/// What a tile reads once, and what is read after it.
struct igemm_stream {
    const float *weights;
    const char *ahead;
    size_t ahead_step;
};

// `rows` and `halves` are constants wherever this and what follows is inlined, so that the sums live in registers.
static inline __attribute__((always_inline)) void igemm_step(const float *const *row, size_t k,
                                                             struct igemm_stream *stream, struct igemm_sums *sums,
                                                             const size_t rows, const size_t halves) {
    const size_t vectors = halves / 2;
    f32v weights[2];
#pragma clang loop unroll(full)
    for (size_t v = 0; 2 * v < halves; v++) {
        weights[v] = f32_load(stream->weights + v * F32_LANES);
    }
    __builtin_prefetch(stream->weights + F32_PREFETCH_FLOATS);
    if (F32_LANES == 16) {
        __builtin_prefetch(stream->weights + F32_PREFETCH_FLOATS + F32_LANES);
    }
    stream->weights += F32_TILE_COLUMNS;
    __builtin_prefetch(stream->ahead, 0, 2);
    stream->ahead += stream->ahead_step;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
        f32v x = f32_broadcast(row[i][k]);
        if (halves == 3) {
            x = f32_in_register(x);
        }
#pragma clang loop unroll(full)
        for (size_t v = 0; v < vectors; v++) {
            sums->whole[i][v] = f32_multiply_add(x, weights[v], sums->whole[i][v]);
        }
        if (halves % 2 == 1) {
            sums->half[i] = f32_multiply_add_half(f32_first_half(x), f32_first_half(weights[vectors]), sums->half[i]);
        }
    }
}

/// Of a row of the residual or the output.
static inline __attribute__((always_inline)) void igemm_ask(const float *row, const size_t halves) {
    __builtin_prefetch(row, 1);
    __builtin_prefetch(row + halves * F32_LANES / 2 - 1, 1);
}

// Whether all columns are to be written, and whether there is a residual, are constants too: a store might change the
// tile, and the compiler would have it read again after each.
static inline __attribute__((always_inline)) void igemm_finish(const struct f32_igemm *tile,
                                                               const struct igemm_sums *sums, const size_t rows,
                                                               const size_t halves, const bool whole, const bool adds) {
    const f32v lower = f32_broadcast(tile->lower), upper = f32_broadcast(tile->upper);
    const size_t stride = tile->output_stride, left = tile->columns - (halves - 1) / 2 * F32_LANES;
    const float *residual = tile->residual;
    float *output = tile->output;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
        for (size_t v = 0; 2 * v < halves; v++) {
            const size_t at = i * stride + v * F32_LANES;
            f32v x = 2 * v + 1 < halves ? sums->whole[i][v] : f32_from_half(sums->half[i]);
            if (2 * v + 2 < halves || (whole && 2 * v + 2 == halves)) {
                x = adds ? f32_add(x, f32_load(residual + at)) : x;
                f32_store(output + at, f32_clamp(x, lower, upper));
            } else if (whole) {
                x = adds ? f32_add(x, f32_load_half(residual + at)) : x;
                f32_store_half(output + at, f32_clamp(x, lower, upper));
            } else {
                x = adds ? f32_add(x, f32_load_first(residual + at, left)) : x;
                f32_store_first(output + at, f32_clamp(x, lower, upper), left);
            }
        }
    }
}

static inline __attribute__((always_inline)) void igemm_rows(const struct f32_igemm *tile, const size_t rows,
                                                             const size_t halves) {
    struct igemm_sums sums;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
        for (size_t v = 0; 2 * v < halves; v++) {
            const f32v bias = f32_load(tile->bias + v * F32_LANES);
            if (2 * v + 1 < halves) {
                sums.whole[i][v] = bias;
            } else {
                sums.half[i] = f32_first_half(bias);
            }
        }
    }
    struct igemm_stream stream = {tile->weights, tile->ahead, tile->ahead_step};
    if (!tile->ahead) {
        stream.ahead = (const char *)tile->weights;
        stream.ahead_step = 0;
    }
    const size_t channels = tile->channels;
    // On large maps the residual and the output lie beyond the L2 cache. All at once their lines are more than a core
    // waits for at a time: they are asked for one row a step. Before short sums the half of them that a narrow tile has
    // is not too many.
    const float *const asked[2] = {tile->residual, tile->output};
    const size_t steps = tile->taps * channels, asks = (tile->residual ? 2 : 1) * rows + F32_PREFETCH_STEPS;
    size_t unasked = steps > asks ? steps - asks : 0, matrix = tile->residual ? 0 : 1, asked_rows = 0;
    if (halves <= 2 && steps <= F32_PREFETCH_STEPS) {
        matrix = 2;
#pragma clang loop unroll(full)
        for (size_t i = 0; i < rows; i++) {
            __builtin_prefetch(tile->output + i * tile->output_stride, 1);
        }
    }
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
        size_t k = 0;
        for (const size_t end = unasked < channels ? unasked : channels; k < end; k++) {
            igemm_step(row, k, &stream, &sums, rows, halves);
        }
        unasked -= k;
#pragma clang loop unroll(disable)
        while (matrix < 2 && k < channels) {
            const float *line = asked[matrix] + asked_rows * tile->output_stride;
            const size_t begin = k, end = k + rows - asked_rows;
            for (; k < end && k < channels; k++) {
                igemm_step(row, k, &stream, &sums, rows, halves);
                igemm_ask(line, halves);
                line += tile->output_stride;
            }
            asked_rows += k - begin;
            if (asked_rows == rows) {
                asked_rows = 0;
                matrix++;
            }
        }
        for (; k < channels; k++) {
            igemm_step(row, k, &stream, &sums, rows, halves);
        }
    }
    if (tile->columns == halves * F32_LANES / 2) {
        if (tile->residual) {
            igemm_finish(tile, &sums, rows, halves, true, true);
        } else {
            igemm_finish(tile, &sums, rows, halves, true, false);
        }
    } else if (tile->residual) {
        igemm_finish(tile, &sums, rows, halves, false, true);
    } else {
        igemm_finish(tile, &sums, rows, halves, false, false);
    }
}

// Part of a panel is part of the work: layers of 16, 24, 40 or 80 channels are common.
#define F32_DEFINE_IGEMM(rows)                                                                                         \
    static void F32_IGEMM(rows)(const struct f32_igemm *tile) {                                                        \
        if (F32_HALVES && tile->columns <= F32_LANES / 2) {                                                            \
            igemm_rows(tile, rows, 1);                                                                                 \
        } else if (tile->columns <= F32_LANES) {                                                                       \
            igemm_rows(tile, rows, 2);                                                                                 \
        } else if (F32_HALVES && tile->columns <= F32_LANES + F32_LANES / 2) {                                         \
            igemm_rows(tile, rows, 3);                                                                                 \
        } else {                                                                                                       \
            igemm_rows(tile, rows, 4);                                                                                 \
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
