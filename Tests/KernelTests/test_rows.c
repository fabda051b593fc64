// Products of the rows of a matrix from either side.

#include <string.h>

#include "check.h"
#include "tests.h"

static void check_dots(const struct f32_kernels *kernels, const struct f32_rows *matrix, size_t outputs) {
    const size_t stride = matrix->padded_columns;
    float *weights = noise(outputs * stride);
    for (size_t n = 0; n < outputs; n++) {
        memset(weights + n * stride + matrix->columns, 0, (stride - matrix->columns) * sizeof(float));
    }
    const float *bias = noise(outputs);
    float *output = blank(matrix->rows * outputs);
    kernels->row_dots(matrix, weights, bias, outputs, output);
    for (size_t at = 0; at < matrix->rows * outputs; at++) {
        const size_t row = at / outputs, n = at % outputs;
        struct sum sum = {0};
        add_term(&sum, bias[n]);
        for (size_t column = 0; column < matrix->columns; column++) {
            add_term(&sum, (double)matrix->values[row * matrix->columns + column] * weights[n * stride + column]);
        }
        expect_sum(output[at], sum, at);
    }
}

static void check_sums(const struct f32_kernels *kernels, const struct f32_rows *matrix, size_t outputs) {
    const size_t stride = matrix->padded_columns;
    const float *left = noise(outputs * matrix->rows), *before = noise(outputs * stride);
    float *sums = blank(outputs * stride);
    memcpy(sums, before, outputs * stride * sizeof(float));
    kernels->row_sums(matrix, left, outputs, sums);
    for (size_t at = 0; at < outputs * stride; at++) {
        const size_t n = at / stride, column = at % stride;
        struct sum sum = {0};
        add_term(&sum, before[at]);
        for (size_t row = 0; row < matrix->rows && column < matrix->columns; row++) {
            add_term(&sum, (double)left[n * matrix->rows + row] * matrix->values[row * matrix->columns + column]);
        }
        expect_sum(sums[at], sum, at);
    }
}

void test_rows(const struct f32_kernels *kernels) {
    for (size_t i = 0; i < 300; i++) {
        const size_t rows = pick(1, 20), columns = pick(1, 100), outputs = pick(1, 30);
        begin("%s of %zu×%zu with %zu outputs", i % 2 ? "row_dots" : "row_sums", rows, columns, outputs);
        const struct f32_rows matrix = {
            .values = noise(rows * columns),
            .rows = rows,
            .columns = columns,
            .padded_columns = round_up(columns, kernels->tile_columns),
            .ahead = once_in(2) ? rows * columns : 0,
        };
        (i % 2 ? check_dots : check_sums)(kernels, &matrix, outputs);
    }
}
