// Products of the rows of a matrix from either side: see struct f32_rows.
// Included once per instruction set, after its vectors. F32_TILE_ROWS tells how many registers there are.

// Sums that live in registers beside what they are made of: of 32 registers, or of 16.
enum {
    dot_rows = F32_TILE_ROWS == 12 ? 4 : 2,
    dot_outputs = 5,
    sum_outputs = F32_TILE_ROWS == 12 ? 12 : 6,
};

// `rows` and `outputs`, here and below, are constants wherever this is inlined. Lanes run along the columns: with lanes
// along a few outputs most of a vector would be idle.
static inline __attribute__((always_inline)) void row_dots_tile(const struct f32_rows *matrix, size_t first,
                                                                const size_t rows, const float *weights,
                                                                const float *bias, const size_t outputs, float *output,
                                                                size_t output_stride) {
    const size_t columns = matrix->columns, stride = matrix->padded_columns;
    const float *row = matrix->values + first * columns;
    f32v sum[dot_rows][dot_outputs];
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
        for (size_t n = 0; n < outputs; n++) {
            sum[i][n] = f32_broadcast(0);
        }
    }
    size_t column = 0;
    for (; column + F32_LANES <= columns; column += F32_LANES) {
        f32v x[dot_rows];
#pragma clang loop unroll(full)
        for (size_t i = 0; i < rows; i++) {
            x[i] = f32_load(row + i * columns + column);
        }
#pragma clang loop unroll(full)
        for (size_t n = 0; n < outputs; n++) {
            const f32v weight = f32_load(weights + n * stride + column);
#pragma clang loop unroll(full)
            for (size_t i = 0; i < rows; i++) {
                sum[i][n] = f32_multiply_add(x[i], weight, sum[i][n]);
            }
        }
    }
    if (column < columns) {
#pragma clang loop unroll(full)
        for (size_t i = 0; i < rows; i++) {
            const f32v x = f32_load_first(row + i * columns + column, columns - column);
#pragma clang loop unroll(full)
            for (size_t n = 0; n < outputs; n++) {
                sum[i][n] = f32_multiply_add(x, f32_load(weights + n * stride + column), sum[i][n]);
            }
        }
    }
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
        for (size_t n = 0; n < outputs; n++) {
            output[i * output_stride + n] = bias[n] + f32_sum(sum[i][n]);
        }
    }
}

static inline __attribute__((always_inline)) void row_dots_group(const struct f32_rows *matrix, const float *weights,
                                                                 const float *bias, const size_t outputs, float *output,
                                                                 size_t output_stride) {
    size_t row = 0;
    for (; row + dot_rows <= matrix->rows; row += dot_rows) {
        row_dots_tile(matrix, row, dot_rows, weights, bias, outputs, output + row * output_stride, output_stride);
    }
    for (; row < matrix->rows; row++) {
        row_dots_tile(matrix, row, 1, weights, bias, outputs, output + row * output_stride, output_stride);
    }
}

// A group of outputs after another, so that its weights stay in the L1 cache. Groups are of nearly equal size.
static void F32_KERNEL(row_dots)(const struct f32_rows *matrix, const float *weights, const float *bias, size_t outputs,
                                 float *output) {
    const size_t groups = (outputs + dot_outputs - 1) / dot_outputs;
    for (size_t group = 0; group < groups; group++) {
        const size_t first = group * outputs / groups, end = (group + 1) * outputs / groups;
        const float *from = weights + first * matrix->padded_columns;
        switch (end - first) {
        case 1:
            row_dots_group(matrix, from, bias + first, 1, output + first, outputs);
            break;
        case 2:
            row_dots_group(matrix, from, bias + first, 2, output + first, outputs);
            break;
        case 3:
            row_dots_group(matrix, from, bias + first, 3, output + first, outputs);
            break;
        case 4:
            row_dots_group(matrix, from, bias + first, 4, output + first, outputs);
            break;
        default:
            row_dots_group(matrix, from, bias + first, dot_outputs, output + first, outputs);
        }
    }
}

// `whole`: two vectors of columns are left, else fewer.
static inline __attribute__((always_inline)) void row_sums_tile(const struct f32_rows *matrix, size_t column,
                                                                const bool whole, const float *left,
                                                                const size_t outputs, float *sums) {
    const size_t rows = matrix->rows, columns = matrix->columns, stride = matrix->padded_columns;
    const float *values = matrix->values + column, *ahead = values + matrix->ahead;
    const size_t rest = columns - column;
    sums += column;
    f32v sum[sum_outputs][2];
#pragma clang loop unroll(full)
    for (size_t n = 0; n < outputs; n++) {
        sum[n][0] = f32_load(sums + n * stride);
        sum[n][1] = f32_load(sums + n * stride + F32_LANES);
    }
    for (size_t row = 0; row < rows; row++) {
        f32v x0, x1;
        if (whole) {
            x0 = f32_load(values);
            x1 = f32_load(values + F32_LANES);
        } else {
            x0 = f32_load_first(values, rest < F32_LANES ? rest : F32_LANES);
            x1 = rest > F32_LANES ? f32_load_first(values + F32_LANES, rest - F32_LANES) : f32_broadcast(0);
        }
        // To the L2 cache, where this block lies too.
        __builtin_prefetch(ahead, 0, 2);
        if (whole && F32_LANES == 16) {
            __builtin_prefetch(ahead + F32_LANES, 0, 2);
        }
        values += columns;
        ahead += columns;
#pragma clang loop unroll(full)
        for (size_t n = 0; n < outputs; n++) {
            const f32v factor = f32_broadcast(left[n * rows + row]);
            sum[n][0] = f32_multiply_add(factor, x0, sum[n][0]);
            sum[n][1] = f32_multiply_add(factor, x1, sum[n][1]);
        }
    }
#pragma clang loop unroll(full)
    for (size_t n = 0; n < outputs; n++) {
        f32_store(sums + n * stride, sum[n][0]);
        f32_store(sums + n * stride + F32_LANES, sum[n][1]);
    }
}

static inline __attribute__((always_inline)) void row_sums_group(const struct f32_rows *matrix, size_t column,
                                                                 const float *left, const size_t outputs, float *sums) {
    if (column + F32_TILE_COLUMNS <= matrix->columns) {
        row_sums_tile(matrix, column, true, left, outputs, sums);
    } else {
        row_sums_tile(matrix, column, false, left, outputs, sums);
    }
}

static void F32_KERNEL(row_sums)(const struct f32_rows *matrix, const float *left, size_t outputs, float *sums) {
    const size_t groups = (outputs + sum_outputs - 1) / sum_outputs;
    for (size_t column = 0; column < matrix->columns; column += F32_TILE_COLUMNS) {
        for (size_t group = 0; group < groups; group++) {
            const size_t first = group * outputs / groups, end = (group + 1) * outputs / groups;
            const float *from = left + first * matrix->rows;
            float *to = sums + first * matrix->padded_columns;
            switch (end - first) {
            case 1:
                row_sums_group(matrix, column, from, 1, to);
                break;
            case 2:
                row_sums_group(matrix, column, from, 2, to);
                break;
            case 3:
                row_sums_group(matrix, column, from, 3, to);
                break;
            case 4:
                row_sums_group(matrix, column, from, 4, to);
                break;
            case 5:
                row_sums_group(matrix, column, from, 5, to);
                break;
            case 6:
                row_sums_group(matrix, column, from, 6, to);
                break;
#if F32_TILE_ROWS == 12
            case 7:
                row_sums_group(matrix, column, from, 7, to);
                break;
            case 8:
                row_sums_group(matrix, column, from, 8, to);
                break;
            case 9:
                row_sums_group(matrix, column, from, 9, to);
                break;
            case 10:
                row_sums_group(matrix, column, from, 10, to);
                break;
            case 11:
                row_sums_group(matrix, column, from, 11, to);
                break;
            case 12:
                row_sums_group(matrix, column, from, 12, to);
                break;
#endif
            default:
                break;
            }
        }
    }
}
