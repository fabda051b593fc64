#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "f32_kernels.h"

#pragma clang assume_nonnull begin

// Products of whole numbers: inputs of 0 … 255, weights of −128 … 127, sums in 32 bits, which are exact. Jacob et al.,
// "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018.

/// What a sum becomes: x = sum · multiplier + bias + residual · residual_scale, clamped to lower … upper; rounded, half
/// to even, where bytes are written. Multipliers and biases are the columns'. Where bytes are written, the caller sees
/// to it that x fits 32 bits but for a residual in floats: what is larger may become the lower bound.
struct i8_finish {
    const float *multipliers;
    const float *biases;
    float residual_scale;
    /// Within 0 … 255 where bytes are written.
    float lower;
    float upper;
};

/// One tile of an indirect matrix product, as `f32_igemm`. A row has `quads` groups of four numbers in each tap; those
/// of the last group past the row's end, up to three, are read, and multiplied with weights that are zeros.
struct i8_igemm {
    /// What offsets refer to.
    const uint8_t *input;
    /// [taps][rows]: where row i of a tap starts, in bytes from `input`; negative for padding.
    /// Null: the rows follow one another at `input_stride`, and `taps` is 1.
    const int32_t *_Nullable offsets;
    size_t input_stride;
    /// 4 · `quads` numbers: the row read for padding.
    const uint8_t *zeros;
    size_t taps;
    size_t quads;
    /// [taps][quads][tile_columns][4], 64-byte aligned.
    const int8_t *weights;
    /// Weights of a later tile that this one asks the cache for, `ahead_step` bytes for each quad.
    const int8_t *weights_ahead;
    size_t ahead_step;
    /// Of `tile_columns`, 64-byte aligned.
    struct i8_finish finish;
    /// Rows at `output_stride`: at most one of both.
    const uint8_t *_Nullable byte_residual;
    const float *_Nullable float_residual;
    /// Bytes, or floats, as the function says.
    void *output;
    size_t output_stride;
    /// Columns to write, 1 … tile_columns.
    size_t columns;
};

/// A convolution of each channel with its own filter, without dilation.
///
/// Channels go in blocks of `block`, in the order in which sums of pairs of bytes fall into vectors, twice in a last
/// block that they fill by half or less: what `i8_pack_depthwise` and `i8_pack_depthwise_floats` make.
struct i8_depthwise {
    struct f32_window window;
    /// The input's zero point, a number for each channel rounded up to whole blocks.
    const uint8_t *zeros;
    /// [block][kernel_height][groups][positions][block][4], 64-byte aligned.
    const int8_t *weights;
    /// [block][block], 64-byte aligned.
    struct i8_finish finish;
};

/// The columns of input, four for each group and two more, that all rows of a kernel may have.
enum { i8_depthwise_most_columns = 512 };

/// Output columns that are computed from the same input columns, and groups of four of these.
static inline size_t i8_depthwise_positions(const struct f32_window *window) {
    return window->stride_width == 1 ? 2 : 1;
}

static inline size_t i8_depthwise_groups(const struct f32_window *window) {
    return (window->kernel_width + i8_depthwise_positions(window) - 1 + 3) / 4;
}

typedef void (*i8_igemm_function)(const struct i8_igemm *tile);

/// The kernels of one instruction set; none allocates, and none reads or writes outside the extents given to it but for
/// the three bytes of `i8_igemm`. `rows` are output rows of one image; `input` and `output` are the whole image's.
struct i8_kernels {
    const char *name;
    size_t tile_rows;
    size_t tile_columns;
    /// Channels of a block of a depthwise convolution.
    size_t block;
    /// The products for 1 … tile_rows rows, at index rows − 1, that write bytes, and those that write floats.
    const i8_igemm_function _Nonnull *_Nonnull igemm_bytes;
    const i8_igemm_function _Nonnull *_Nonnull igemm_floats;
    const char *igemm_name;
    void (*depthwise_bytes)(const struct i8_depthwise *layer, const uint8_t *input, uint8_t *output, size_t row_begin,
                            size_t row_end);
    void (*depthwise_floats)(const struct i8_depthwise *layer, const uint8_t *input, float *output, size_t row_begin,
                             size_t row_end);
    const char *depthwise_name;
    /// The largest number of each window; padding does not take part.
    void (*max_pool)(const struct f32_window *window, const uint8_t *input, uint8_t *output, size_t row_begin,
                     size_t row_end);
    /// clamp(a · a_scale + b · b_scale + bias), rounded. In place is allowed.
    void (*add)(const uint8_t *a, float a_scale, const uint8_t *b, float b_scale, float bias, float lower, float upper,
                uint8_t *output, size_t count);
    /// clamp(round(x / scale) + zero_point)
    void (*quantize)(const float *input, float scale, float zero_point, float lower, float upper, uint8_t *output,
                     size_t count);
    /// (x − zero_point) · scale
    void (*dequantize)(const uint8_t *input, float scale, float zero_point, float *output, size_t count);
};

/// The kernels of one instruction set ("avx512vnni", "avx2", "portable"), or null where the name is unknown, or the
/// processor lacks the instructions, or the operating system does not save their registers.
const struct i8_kernels *_Nullable i8_kernels_named(const char *name);

/// The name of the instruction set at `index`, fastest first, available or not; null past the end.
const char *_Nullable i8_kernels_name(size_t index);

#pragma clang assume_nonnull end
