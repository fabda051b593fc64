#include "f32_layout.h"

static size_t minimum(size_t a, size_t b) { return a < b ? a : b; }

void f32_pack_panels(const float *weights, size_t outputs, size_t channels, size_t taps, size_t columns,
                     float *packed) {
    // Few enough channels at a time that the part of the panel being written stays in the L1 cache.
    const size_t cached = 4096 / (taps * columns);
    const size_t step = cached > 0 ? cached : 1;
    for (size_t block = 0; block < outputs; block += columns) {
        const size_t used = minimum(columns, outputs - block);
        for (size_t first = 0; first < channels; first += step) {
            const size_t last = minimum(first + step, channels);
            for (size_t n = 0; n < columns; n++) {
                const float *source = weights + ((block + n) * channels + first) * taps;
                for (size_t channel = first; channel < last; channel++) {
                    for (size_t tap = 0; tap < taps; tap++) {
                        packed[(tap * channels + channel) * columns + n] = n < used ? *source++ : 0;
                    }
                }
            }
        }
        packed += taps * channels * columns;
    }
}

void f32_transpose(const float *source, size_t rows, size_t columns, float *destination) {
    enum { tile = 16 };
    for (size_t row = 0; row < rows; row += tile) {
        const size_t row_end = minimum(row + tile, rows);
        for (size_t column = 0; column < columns; column += tile) {
            const size_t column_end = minimum(column + tile, columns);
            for (size_t j = column; j < column_end; j++) {
                for (size_t i = row; i < row_end; i++) {
                    destination[j * rows + i] = source[i * columns + j];
                }
            }
        }
    }
}
