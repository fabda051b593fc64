#if defined(__x86_64__)

#include <immintrin.h>

#include "f32_tables.h"

#define F32_ISA avx2
#define F32_TILE_ROWS 6
#define F32_IGEMM_NAME "f32_igemm_6x16"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "f32_avx2.h"

#include "f32_table.inc.h"
#pragma clang attribute pop

#endif
