// The kernels of one instruction set, for includers that define its vectors, F32_ISA, F32_TILE_ROWS, F32_TILE_COLUMNS.

#define F32_TEXT_(x) #x
#define F32_TEXT(x) F32_TEXT_(x)
#define F32_NAME_(a, b, c, d, e, f) a##b##c##d##e##f
#define F32_NAME(a, b, c, d, e, f) F32_NAME_(a, b, c, d, e, f)
// As f32_depthwise__avx512.
#define F32_KERNEL(name) F32_NAME(f32_, name, __, F32_ISA, , )

#include "f32_clamp.h"
#include "f32_igemm.inc.h"
#include "f32_window.inc.h"

#include "f32_depthwise.inc.h"
#include "f32_depthwise_band.inc.h"
#include "f32_elementwise.inc.h"
#include "f32_functions.inc.h"
#include "f32_pooling.inc.h"
#include "f32_rows.inc.h"
#include "f32_winograd.inc.h"

const struct f32_kernels F32_KERNEL(kernels) = {
    .name = F32_TEXT(F32_ISA),
    .lanes = F32_LANES,
    .tile_rows = F32_TILE_ROWS,
    .tile_columns = F32_TILE_COLUMNS,
    .igemm = igemm_functions,
    .igemm_name = F32_TEXT(F32_IGEMM(F32_TILE_ROWS)),
    .depthwise = F32_KERNEL(depthwise),
    .depthwise_name = F32_TEXT(F32_KERNEL(depthwise)),
    .depthwise_band = F32_KERNEL(depthwise_band),
    .max_pool = F32_KERNEL(max_pool),
    .average_pool = F32_KERNEL(average_pool),
    .add = F32_KERNEL(add),
    .clamp = F32_KERNEL(clamp),
    .affine = F32_KERNEL(affine),
    .unary = F32_KERNEL(unary),
    .binary = F32_KERNEL(binary),
    .row_dots = F32_KERNEL(row_dots),
    .row_sums = F32_KERNEL(row_sums),
    .winograd_weights = F32_KERNEL(winograd_weights),
    .winograd_input = F32_KERNEL(winograd_input),
    .winograd_output = F32_KERNEL(winograd_output),
    .winograd_name = F32_TEXT(F32_KERNEL(winograd)),
    .multiply_adds = F32_KERNEL(multiply_adds),
    .multiply_adds_per_iteration = (size_t)peak_sums * F32_LANES,
};
