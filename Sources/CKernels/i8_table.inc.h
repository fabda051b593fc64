// The kernels of one instruction set, for includers that define its vectors, of floats (as f32_avx2.h) and of whole
// numbers (as i8_avx2.h), I8_ISA, I8_TILE_ROWS and I8_TILE_COLUMNS.

#include <math.h>
#include <string.h>

#define F32_TEXT_(x) #x
#define F32_TEXT(x) F32_TEXT_(x)
#define F32_NAME_(a, b, c, d, e, f) a##b##c##d##e##f
#define F32_NAME(a, b, c, d, e, f) F32_NAME_(a, b, c, d, e, f)
#define I8_KERNEL(name) F32_NAME(i8_, name, __, I8_ISA, , )

_Static_assert(I8_TILE_COLUMNS == 2 * F32_LANES, "a tile is two vectors wide");

#define I8_BLOCK (4 * F32_LANES)

#include "f32_clamp.h"
#include "f32_window.inc.h"

#include "i8_depthwise.inc.h"
#include "i8_elementwise.inc.h"
#include "i8_igemm.inc.h"

const struct i8_kernels I8_KERNEL(kernels) = {
    .name = F32_TEXT(I8_ISA),
    .tile_rows = I8_TILE_ROWS,
    .tile_columns = I8_TILE_COLUMNS,
    .block = I8_BLOCK,
    .igemm_bytes = igemm_bytes,
    .igemm_floats = igemm_floats,
    .igemm_name = F32_TEXT(I8_IGEMM(I8_TILE_ROWS)),
    .depthwise_bytes = depthwise_bytes,
    .depthwise_floats = depthwise_floats,
    .depthwise_name = F32_TEXT(I8_KERNEL(depthwise)),
    .max_pool = max_pool,
    .add = add,
    .quantize = quantize,
    .dequantize = dequantize,
};
