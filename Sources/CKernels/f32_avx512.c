#if defined(__x86_64__)

#include <immintrin.h>

#include "f32_tables.h"

#define F32_ISA avx512
#define F32_TILE_ROWS 12
#define F32_IGEMM_NAME "f32_igemm_12x32"

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))),                   \
                             apply_to = function)
#include "f32_avx512.h"

#include "f32_table.inc.h"
#pragma clang attribute pop

#endif
