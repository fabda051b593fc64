#include "f32_layout.h"

#include <string.h>

enum { most_outputs = 32, most_elements = 256 };

static size_t minimum(size_t a, size_t b) { return a < b ? a : b; }

// Packs `count` weights of each output from element `first` on, an element being a pair of channel and tap.
//
// By way of a buffer: the outputs' weights lie a power of two apart in many networks, where they would push each other
// out of the cache if they were read, or written, one element each in turn.
static void pack_run(const float *weights, size_t outputs, size_t channels, size_t taps, size_t first, size_t count,
                     size_t columns, float *packed) {
    enum { stride = most_elements + 1 };
    float buffer[most_outputs * stride];
    for (size_t n = 0; n < outputs; n++) {
        memcpy(buffer + n * stride, weights + n * channels * taps + first, count * sizeof(float));
    }
    for (size_t i = 0; i < count; i++) {
        const size_t channel = (first + i) / taps, tap = (first + i) % taps;
        float *row = packed + (tap * channels + channel) * columns;
        for (size_t n = 0; n < outputs; n++) {
            row[n] = buffer[n * stride + i];
        }
    }
}

void f32_pack_panels(const float *weights, size_t outputs, size_t channels, size_t taps, size_t columns,
                     float *packed) {
    const size_t elements = channels * taps;
    for (size_t block = 0; block < outputs; block += columns) {
        const size_t block_end = minimum(block + columns, outputs);
        if (block_end - block < columns) {
            memset(packed, 0, elements * columns * sizeof(float));
        }
        for (size_t output = block; output < block_end; output += most_outputs) {
            for (size_t first = 0; first < elements; first += most_elements) {
                pack_run(weights + output * elements, minimum(most_outputs, block_end - output), channels, taps, first,
                         minimum(most_elements, elements - first), columns, packed + (output - block));
            }
        }
        packed += elements * columns;
    }
}

void f32_pack_transposed(const float *weights, size_t first, size_t end, size_t outputs, size_t channels, size_t taps,
                         size_t columns, float *packed) {
    // So many rows of a block of 32 columns fill a page.
    enum { run = 32 };
    const size_t elements = channels * taps;
    for (size_t row = first; row < end; row += run) {
        const size_t row_end = minimum(row + run, end);
        for (size_t block = 0; block < outputs; block += columns) {
            const size_t width = minimum(columns, outputs - block);
            for (size_t i = row; i < row_end; i++) {
                float *target = packed + block * elements + (i % taps * channels + i / taps) * columns;
                memcpy(target, weights + i * outputs + block, width * sizeof(float));
                memset(target + width, 0, (columns - width) * sizeof(float));
            }
        }
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
