// The kernels of one instruction set, for includers that define its vectors, F32_ISA and F32_TILE_ROWS.

#include "f32_clamp.h"
#include "f32_igemm.inc.h"
#include "f32_window.inc.h"

#include "f32_depthwise.inc.h"
#include "f32_elementwise.inc.h"
#include "f32_pooling.inc.h"

#define F32_TEXT_(x) #x
#define F32_TEXT(x) F32_TEXT_(x)
#define F32_JOIN_(a, b) a##b
#define F32_JOIN(a, b) F32_JOIN_(a, b)

const struct f32_kernels F32_JOIN(f32_kernels__, F32_ISA) = {
    .name = F32_TEXT(F32_ISA),
    .lanes = F32_LANES,
    .tile_rows = F32_TILE_ROWS,
    .tile_columns = F32_TILE_COLUMNS,
    .igemm = igemm_functions,
    .igemm_name = F32_IGEMM_NAME "__" F32_TEXT(F32_ISA),
    .depthwise = depthwise,
    .max_pool = max_pool,
    .average_pool = average_pool,
    .add = add,
    .clamp = clamp,
    .affine = affine,
    .multiply_adds = multiply_adds,
    .multiply_adds_per_iteration = (size_t)peak_sums * F32_LANES,
};
