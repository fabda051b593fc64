#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Rows of numbers that become rows of bfloat16, each the channels of all taps one after another.
struct bf16_rows {
    /// What offsets refer to: floats, or bfloat16 numbers if they are `rounded`.
    const void *input;
    bool rounded;
    /// [taps][rows]: where row i of a tap starts, in numbers from `input`; negative for padding, which is zeros.
    /// Null: the rows follow one another at `input_stride`, and `taps` is 1.
    const int32_t *_Nullable offsets;
    size_t input_stride;
    size_t taps;
    size_t channels;
    size_t rows;
    /// [rows][packed_stride], the numbers past taps · channels, up to an even one, zeros.
    uint16_t *packed;
    size_t packed_stride;
};

/// One tile of a matrix product of bfloat16 numbers, summed in float32: as `f32_igemm`, with rows that are packed.
struct bf16_product {
    /// [rows][row_stride]
    const uint16_t *rows;
    size_t row_stride;
    /// Pairs of numbers in a row.
    size_t pairs;
    /// [pairs][tile_columns][2], 64-byte aligned.
    const uint16_t *weights;
    /// [tile_columns], 64-byte aligned.
    const float *bias;
    /// Rows at `output_stride`, of at most one kind. May be the output itself.
    const float *_Nullable residual;
    const uint16_t *_Nullable rounded_residual;
    /// Floats, or bfloat16 numbers if they are `rounded`.
    void *output;
    bool rounded;
    size_t output_stride;
    /// Columns to write, 1 … tile_columns.
    size_t columns;
    float lower;
    float upper;
};

typedef void (*bf16_product_function)(const struct bf16_product *tile);

/// Kernels that multiply bfloat16 numbers; rounding is to the nearest, half to even.
struct bf16_kernels {
    const char *name;
    size_t tile_rows;
    size_t tile_columns;
    /// The product for 1 … tile_rows rows, at index rows − 1.
    const bf16_product_function _Nonnull *_Nonnull product;
    void (*pack_rows)(const struct bf16_rows *rows);
    /// bfloat16 numbers as floats.
    void (*widen)(const uint16_t *numbers, size_t count, float *floats);
};

/// The kernels of this processor (AVX512-BF16), or null where it has none.
const struct bf16_kernels *_Nullable bf16_kernels_available(void);

/// Packs weights [outputs][channels][taps] as [block][pairs][columns][2], a block being `columns` outputs, and pairs
/// those of taps · channels numbers in the order [taps][channels]. What is filled up is zeros.
void bf16_pack_panels(const float *weights, size_t outputs, size_t channels, size_t taps, size_t columns,
                      uint16_t *packed);

#pragma clang assume_nonnull end
