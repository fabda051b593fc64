#include "cimaging.h"

// Rows resized side by side along x: lanes of one vector, so that no row's pixels need shuffling.
#define LANES 16

static inline float to_byte(float x) {
    x = x < 0 ? 0 : x > 255 ? 255 : x;
    return (float)(int32_t)(x + 0.5f);
}

void resample_horizontal(const uint8_t *input, size_t row_bytes, size_t rows, const struct resample_axis *axis,
                         float *output) {
    for (size_t row = 0; row < rows; row += LANES) {
        const size_t lanes = rows - row < LANES ? rows - row : LANES;
        for (size_t x = 0; x < axis->size; x++) {
            float sum[3][LANES] = {{0}};
            const float *weights = axis->weights + x * axis->taps;
            for (int32_t k = 0; k < axis->count[x]; k++) {
                const uint8_t *pixel = input + row * row_bytes + (size_t)(axis->first[x] + k) * 3;
                const float weight = weights[k];
                float values[3][LANES];
                for (size_t lane = 0; lane < LANES; lane++) {
                    // The last rows of the image stand in for those after it.
                    const uint8_t *source = pixel + (lane < lanes ? lane : lanes - 1) * row_bytes;
                    values[0][lane] = source[0];
                    values[1][lane] = source[1];
                    values[2][lane] = source[2];
                }
                for (size_t channel = 0; channel < 3; channel++) {
                    for (size_t lane = 0; lane < LANES; lane++) {
                        sum[channel][lane] += values[channel][lane] * weight;
                    }
                }
            }
            for (size_t lane = 0; lane < lanes; lane++) {
                float *target = output + ((row + lane) * axis->size + x) * 3;
                target[0] = to_byte(sum[0][lane]);
                target[1] = to_byte(sum[1][lane]);
                target[2] = to_byte(sum[2][lane]);
            }
        }
    }
}

void resample_vertical(const float *input, size_t row_count, const struct resample_axis *axis, uint8_t *output) {
    for (size_t y = 0; y < axis->size; y++) {
        const float *weights = axis->weights + y * axis->taps;
        uint8_t *target = output + y * row_count;
        // A block of columns at a time, so that its sums stay in registers.
        for (size_t start = 0; start < row_count; start += 32) {
            const size_t columns = row_count - start < 32 ? row_count - start : 32;
            float sum[32] = {0};
            for (int32_t k = 0; k < axis->count[y]; k++) {
                const float *source = input + (size_t)(axis->first[y] + k) * row_count + start;
                const float weight = weights[k];
                if (columns == 32) {
                    for (size_t column = 0; column < 32; column++) {
                        sum[column] += source[column] * weight;
                    }
                } else {
                    for (size_t column = 0; column < columns; column++) {
                        sum[column] += source[column] * weight;
                    }
                }
            }
            for (size_t column = 0; column < columns; column++) {
                target[start + column] = (uint8_t)to_byte(sum[column]);
            }
        }
    }
}

void normalize_rgb(const uint8_t *input, size_t pixels, const float scale[3], const float shift[3], float *output) {
    const float s0 = scale[0], s1 = scale[1], s2 = scale[2], t0 = shift[0], t1 = shift[1], t2 = shift[2];
    for (size_t i = 0; i < pixels; i++) {
        output[3 * i] = input[3 * i] * s0 + t0;
        output[3 * i + 1] = input[3 * i + 1] * s1 + t1;
        output[3 * i + 2] = input[3 * i + 2] * s2 + t2;
    }
}
