#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// One tile of an indirect matrix product: some rows (output pixels) × up to `tile_columns` columns (output channels).
///
///     output[i][n] = clamp(bias[n] + Σ_tap Σ_channel row(i, tap)[channel] · weights[tap][channel][n] + residual[i][n])
///
/// The sums run in this order for every number of rows, so that a result does not depend on how rows are tiled.
/// Indirect convolution: Dukhan, "The Indirect Convolution Algorithm", 2019.
struct f32_igemm {
    /// What offsets refer to.
    const float *input;
    /// [taps][rows]: where row i of a tap starts, in floats from `input`; negative for padding.
    /// Null: the rows follow one another at `input_stride`, and `taps` is 1.
    const int32_t *_Nullable offsets;
    size_t input_stride;
    /// `channels` zeros: the row read for padding.
    const float *zeros;
    size_t taps;
    size_t channels;
    /// [taps][channels][tile_columns], 64-byte aligned.
    const float *weights;
    /// [tile_columns], 64-byte aligned.
    const float *bias;
    /// Rows at `output_stride`, or null. May be the output itself.
    const float *_Nullable residual;
    float *output;
    size_t output_stride;
    /// Columns to write, 1 … tile_columns.
    size_t columns;
    float lower;
    float upper;
    /// What is read after this tile, or null: with each row of weights so many bytes of it are asked for, for the L2
    /// cache. None of it is read here.
    const void *_Nullable ahead;
    size_t ahead_step;
};

/// A window sliding over one image of [height][width][channels].
struct f32_window {
    size_t height;
    size_t width;
    size_t channels;
    size_t output_width;
    size_t kernel_height;
    size_t kernel_width;
    size_t stride_height;
    size_t stride_width;
    size_t dilation_height;
    size_t dilation_width;
    size_t padding_top;
    size_t padding_left;
};

/// A convolution of each channel with its own filter.
struct f32_depthwise {
    struct f32_window window;
    /// [kernel_height][kernel_width][weights_stride]
    const float *weights;
    /// [weights_stride]
    const float *bias;
    /// Channels rounded up to a multiple of `lanes`.
    size_t weights_stride;
    float lower;
    float upper;
};

/// Some rows of a depthwise convolution, from rows of input that begin with the padding on the left and end with that
/// on the right, [columns][channels].
struct f32_depthwise_band {
    /// The input row under tap t of output row r is rows[r · stride_height + t]; null in the padding.
    const float *_Nullable const *_Nonnull rows;
    size_t output_rows;
    /// At least 1.
    size_t output_width;
    size_t channels;
    size_t kernel_height;
    size_t kernel_width;
    size_t stride_height;
    size_t stride_width;
    /// [kernel_height][kernel_width][weights_stride]
    const float *weights;
    /// [weights_stride]
    const float *bias;
    /// Channels rounded up to a multiple of `lanes`.
    size_t weights_stride;
    float lower;
    float upper;
    /// [output_rows][output_width][channels]
    float *output;
};

/// A 3×3 convolution of stride 1 by Winograd's F(4×4, 3×3), in tiles of 4 × 4 output pixels. Between its two steps, 36
/// matrix products: of the transformed input, [36][tiles][channels], with the transformed weights,
/// [36][channels][outputs].
struct f32_winograd {
    size_t height;
    size_t width;
    size_t channels;
    size_t output_height;
    size_t output_width;
    size_t outputs;
    size_t padding_top;
    size_t padding_left;
    /// In a row of tiles.
    size_t tiles_across;
    /// Transformed input: floats from one tile to the next, `channels` rounded up to a multiple of `lanes` at least;
    /// and from one of the 36 matrices to the next.
    size_t input_stride;
    size_t input_plane;
    /// Products: floats from one of the 36 matrices to the next; from one tile to the next there are `tile_columns`.
    size_t product_plane;
    float lower;
    float upper;
};

/// Rows of a matrix that follow one another, [rows][columns].
struct f32_rows {
    const float *values;
    size_t rows;
    size_t columns;
    /// Columns rounded up to a multiple of `tile_columns`: the stride of what a product reads and writes beside the
    /// matrix.
    size_t padded_columns;
    /// From a float to the one that will be wanted after all of these, which is asked for meanwhile.
    size_t ahead;
};

/// A function of one number, with up to four parameters. What they compute is said where `UnaryFunction` is.
enum f32_unary {
    f32_sigmoid,
    f32_tanh,
    f32_exp,
    f32_log,
    f32_sqrt,
    f32_erf,
    f32_negate,
    f32_absolute,
    f32_reciprocal,
    f32_softplus,
    f32_softsign,
    f32_mish,
    f32_round,
    f32_floor,
    f32_ceil,
    f32_silu,
    f32_hard_swish,
    /// α, β
    f32_hard_sigmoid,
    /// α
    f32_leaky_relu,
    /// α, γ
    f32_elu,
    f32_gelu,
    f32_gelu_tanh,
    /// scale, zero point, lower, upper
    f32_quantize,
    /// As f32_quantize
    f32_round_to_grid,
};

/// A function of two numbers.
enum f32_binary {
    f32_plus,
    f32_minus,
    f32_times,
    f32_over,
    f32_power,
    f32_larger,
    f32_smaller,
    /// x < 0 ? x · y : x
    f32_prelu,
};

typedef void (*f32_igemm_function)(const struct f32_igemm *tile);

/// The kernels of one instruction set. None allocates, locks or starts a thread, and none reads or writes outside
/// the extents given to it. `rows` are output rows of one image; `input` and `output` are the whole image's.
struct f32_kernels {
    const char *name;
    /// Floats in a vector.
    size_t lanes;
    size_t tile_rows;
    size_t tile_columns;
    /// The product for 1 … tile_rows rows, at index rows − 1.
    const f32_igemm_function _Nonnull *_Nonnull igemm;
    const char *igemm_name;
    const char *depthwise_name;

    void (*depthwise)(const struct f32_depthwise *layer, const float *input, const float *_Nullable residual,
                      float *output, size_t row_begin, size_t row_end);
    void (*depthwise_band)(const struct f32_depthwise_band *band);
    /// The largest element of each window; padding does not take part.
    void (*max_pool)(const struct f32_window *window, const float *input, float *output, size_t row_begin,
                     size_t row_end);
    /// The mean of each window, over the elements inside the image or, if `counts_padding`, over the kernel's size.
    void (*average_pool)(const struct f32_window *window, bool counts_padding, const float *input, float *output,
                         size_t row_begin, size_t row_end);
    /// clamp(a + b). In place is allowed.
    void (*add)(const float *a, const float *b, float *output, size_t count, float lower, float upper);
    /// clamp(x). In place is allowed.
    void (*clamp)(const float *input, float *output, size_t count, float lower, float upper);
    /// clamp(x · scale + shift), a channel each. In place is allowed.
    void (*affine)(const float *input, const float *scale, const float *shift, float *output, size_t pixels,
                   size_t channels, float lower, float upper);
    /// One function of each element; `parameters` are four. In place is allowed.
    void (*unary)(enum f32_unary function, const float *parameters, const float *input, float *output, size_t count);
    /// output[i] = f(a[i · a_step], b[i · b_step]). The output may be an input whose step is 1.
    void (*binary)(enum f32_binary function, const float *a, size_t a_step, const float *b, size_t b_step,
                   float *output, size_t count);
    /// output[row][n] = bias[n] + Σ_column matrix[row][column] · weights[n][column], [rows][outputs]. Columns past the
    /// matrix's are zeros in `weights`, [outputs][padded_columns]. Each sum is the same whatever the other rows.
    void (*row_dots)(const struct f32_rows *matrix, const float *weights, const float *bias, size_t outputs,
                     float *output);
    /// sums[n][column] += Σ_row left[n][row] · matrix[row][column], [outputs][padded_columns]; `left` is
    /// [outputs][rows].
    void (*row_sums)(const struct f32_rows *matrix, const float *left, size_t outputs, float *sums);
    /// Transforms nine times `count` weights, at a distance of `stride`, to some rows of the 6 × 6 matrices: six times
    /// as many for each, at a distance of `plane`. `count` is a multiple of `lanes`. Without the factors of G's rows,
    /// which `winograd_output` makes up for.
    void (*winograd_weights)(const float *weights, size_t stride, size_t count, size_t row_begin, size_t row_end,
                             float *transformed, size_t plane);
    /// Transforms the 6 × 6 pixels under each of these tiles; `transformed` is the first one's.
    void (*winograd_input)(const struct f32_winograd *layer, const float *input, float *transformed, size_t tile_begin,
                           size_t tile_end);
    /// From the products of these tiles, the first one's first, with output channels `column` … `column` +
    /// `tile_columns`: clamp(pixels + bias + residual). `bias` is that of channel `column`, padded to `tile_columns`.
    void (*winograd_output)(const struct f32_winograd *layer, const float *product, const float *bias, size_t column,
                            const float *_Nullable residual, float *output, size_t tile_begin, size_t tile_end);
    const char *winograd_name;
    /// Multiply-adds on registers alone, `multiply_adds_per_iteration` each: the core's peak. The result is
    /// meaningless.
    float (*multiply_adds)(size_t iterations, float factor);
    size_t multiply_adds_per_iteration;
};

/// The kernels of one instruction set ("avx512", "avx2", "portable"), or null where the name is unknown, or the
/// processor lacks the instructions, or the operating system does not save their registers.
const struct f32_kernels *_Nullable f32_kernels_named(const char *name);

/// The name of the instruction set at `index`, fastest first, available or not; null past the end.
const char *_Nullable f32_kernels_name(size_t index);

#pragma clang assume_nonnull end
