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
    /// [rows][packed_stride]: of each tap its channels and, where they are odd, a zero.
    uint16_t *packed;
    size_t packed_stride;
};

/// One tile of an indirect matrix product of bfloat16 numbers, summed in float32: as `f32_igemm`.
struct bf16_product {
    /// What offsets refer to.
    const uint16_t *input;
    /// [taps][rows]: where row i of a tap starts, in numbers from `input`; negative for padding.
    /// Null: the rows follow one another at `input_stride`, and `taps` is 1.
    const int32_t *_Nullable offsets;
    size_t input_stride;
    /// 2 · `pairs` zeros: the row read for padding.
    const uint16_t *zeros;
    size_t taps;
    /// Pairs of numbers that are read in a row; where the channels are odd, the last number is multiplied by zero and
    /// so has to be finite.
    size_t pairs;
    /// [taps][pairs][tile_columns][2], 64-byte aligned.
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

/// Some rows of a depthwise convolution of bfloat16 numbers, from rows of input that begin with the padding on the left
/// and end with that on the right, [columns][channels].
struct bf16_depthwise_band {
    /// The input row under tap t of output row r is rows[r · stride_height + t]; null in the padding. Columns are read
    /// in pairs: behind the last window there is one more, whose numbers are multiplied by zero and so have to be
    /// finite.
    const uint16_t *_Nullable const *_Nonnull rows;
    size_t output_rows;
    /// At least 1.
    size_t output_width;
    size_t channels;
    size_t kernel_height;
    size_t kernel_width;
    size_t stride_height;
    size_t stride_width;
    /// As `bf16_pack_depthwise` lays them out, 64-byte aligned.
    const uint16_t *weights;
    /// As `bf16_pack_depthwise_bias` does, 64-byte aligned.
    const float *bias;
    float lower;
    float upper;
    /// [output_rows][output_width][channels], floats, or bfloat16 numbers if they are `rounded`.
    void *output;
    bool rounded;
};

/// Kernels that multiply bfloat16 numbers; rounding is to the nearest, half to even.
struct bf16_kernels {
    const char *name;
    size_t tile_rows;
    size_t tile_columns;
    /// The product for 1 … tile_rows rows, at index rows − 1.
    const bf16_product_function _Nonnull *_Nonnull product;
    void (*pack_rows)(const struct bf16_rows *rows);
    const char *depthwise_name;
    void (*depthwise_band)(const struct bf16_depthwise_band *band);
    /// Floats as bfloat16 numbers.
    void (*round)(const float *floats, size_t count, uint16_t *numbers);
    /// bfloat16 numbers as floats.
    void (*widen)(const uint16_t *numbers, size_t count, float *floats);
};

/// The kernels of this processor (AVX512-BF16), or null where it has none.
const struct bf16_kernels *_Nullable bf16_kernels_available(void);

/// Packs weights [outputs][channels][taps] as [block][row][pairs][columns][2], a block being `columns` outputs, a row
/// `merged` taps, which divide `taps`, and pairs those of its numbers, [taps][channels]. What is filled up is zeros.
void bf16_pack_panels(const float *weights, size_t outputs, size_t channels, size_t taps, size_t merged, size_t columns,
                      uint16_t *packed);

/// Channels whose depthwise filters are packed together.
enum { bf16_depthwise_block = 32 };

/// The pairs of columns under one row of a depthwise kernel whose first column is an even one, or an odd one.
static inline size_t bf16_depthwise_pairs(size_t kernel_width, bool is_odd) {
    return is_odd ? kernel_width / 2 + 1 : (kernel_width + 1) / 2;
}

/// The numbers that packed depthwise weights, and those that their bias, take.
size_t bf16_depthwise_weight_count(size_t channels, size_t kernel_height, size_t kernel_width);
size_t bf16_depthwise_bias_count(size_t channels);

/// Packs weights [channels][kernel_height][kernel_width] as [block][kernel row][even, odd][pair][half][16][2], a half
/// being the channels 8 i + (0 … 3) of a block, or 8 i + (4 … 7), as interleaved columns have them.
void bf16_pack_depthwise(const float *weights, size_t channels, size_t kernel_height, size_t kernel_width,
                         uint16_t *packed);

/// Packs a bias, zeros if there is none, as [block][half][16].
void bf16_pack_depthwise_bias(const float *_Nullable bias, size_t channels, float *packed);

#pragma clang assume_nonnull end
