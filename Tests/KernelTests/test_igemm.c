// The tile of the indirect matrix product: every number of rows and of columns.

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "tests.h"

enum { most_taps = 9, most_rows = 16 };

struct tile_case {
    struct f32_igemm tile;
    size_t rows;
    /// What was at the output before, for a residual that is the output.
    const float *residual;
};

static const float *row_start(const struct tile_case *c, size_t row, size_t tap) {
    if (!c->tile.offsets) {
        return c->tile.input + row * c->tile.input_stride;
    }
    const int32_t offset = c->tile.offsets[tap * c->rows + row];
    return offset < 0 ? c->tile.zeros : c->tile.input + offset;
}

static struct sum expected(const struct tile_case *c, size_t tile_columns, size_t row, size_t column) {
    const struct f32_igemm *tile = &c->tile;
    struct sum sum = {0};
    add_term(&sum, tile->bias[column]);
    for (size_t tap = 0; tap < tile->taps; tap++) {
        const float *input = row_start(c, row, tap);
        for (size_t k = 0; k < tile->channels; k++) {
            add_term(&sum, (double)input[k] * tile->weights[(tap * tile->channels + k) * tile_columns + column]);
        }
    }
    if (c->residual) {
        add_term(&sum, c->residual[row * tile->output_stride + column]);
    }
    clamp_sum(&sum, tile->lower, tile->upper);
    return sum;
}

static void check(const struct f32_kernels *kernels, size_t rows, size_t columns) {
    const bool is_indirect = once_in(2), has_residual = once_in(2), is_in_place = once_in(2), clamps = once_in(2);
    const size_t taps = is_indirect ? pick(1, most_taps) : 1, channels = once_in(4) ? pick(25, 99) : pick(1, 24);
    const size_t pixels = rows + pick(0, 3), input_stride = channels + pick(0, 2), gap = pick(0, 3);
    begin("%s %zu×%zu, %zu taps of %zu channels, %s, residual %s, clamped %d", kernels->igemm_name, rows, columns, taps,
          channels, is_indirect ? "indirect" : "rows in turn",
          has_residual ? is_in_place ? "in place" : "apart" : "none", clamps);
    int32_t offsets[most_taps * most_rows];
    for (size_t i = 0; i < taps * rows; i++) {
        offsets[i] = once_in(5) ? -1 : (int32_t)(pick(0, pixels - 1) * input_stride);
    }
    // The last pixel ends where memory does.
    offsets[pick(0, taps * rows - 1)] = (int32_t)((pixels - 1) * input_stride);
    float *zeros = blank(channels);
    memset(zeros, 0, channels * sizeof(float));
    const size_t stride = columns + gap, count = (rows - 1) * stride + columns;
    float *output = blank(count), *residual = has_residual ? noise(count) : NULL;
    if (has_residual && is_in_place) {
        for (size_t row = 0; row < rows; row++) {
            memcpy(output + row * stride, residual + row * stride, columns * sizeof(float));
        }
    }
    const struct tile_case c = {
        .tile = {.input = noise((pixels - 1) * input_stride + channels),
                 .offsets = is_indirect ? offsets : NULL,
                 .input_stride = input_stride,
                 .zeros = zeros,
                 .taps = taps,
                 .channels = channels,
                 .weights = noise(taps * channels * kernels->tile_columns),
                 .bias = noise(kernels->tile_columns),
                 .residual = has_residual && is_in_place ? output : residual,
                 .output = output,
                 .output_stride = stride,
                 .columns = columns,
                 .lower = clamps ? -0.5f : -INFINITY,
                 .upper = clamps ? 0.75f : INFINITY,
                 // It is asked for, not read: it may be past all memory.
                 .ahead = once_in(2) ? zeros + channels : NULL,
                 .ahead_step = pick(0, 4096)},
        .rows = rows,
        .residual = residual,
    };
    kernels->igemm[rows - 1](&c.tile);
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < columns; column++) {
            const size_t at = row * stride + column;
            expect_sum(output[at], expected(&c, kernels->tile_columns, row, column), at);
        }
        if (row + 1 < rows) {
            expect_blank(output, row * stride + columns, gap);
        }
    }
}

void test_igemm(const struct f32_kernels *kernels) {
    if (kernels->tile_rows > most_rows) {
        begin("%s", kernels->igemm_name);
        fail("%zu rows a tile, more than this test has room for", kernels->tile_rows);
        return;
    }
    for (size_t rows = 1; rows <= kernels->tile_rows; rows++) {
        for (size_t columns = 1; columns <= kernels->tile_columns; columns++) {
            check(kernels, rows, columns);
            check(kernels, rows, columns);
        }
    }
}
