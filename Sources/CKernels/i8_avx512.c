#if defined(__x86_64__)

#include <immintrin.h>

#include "i8_tables.h"

#define I8_ISA avx512vnni
#define I8_TILE_ROWS 12
#define I8_TILE_COLUMNS 32

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx512vnni,avx2,fma"))),        \
                             apply_to = function)
#include "f32_avx512.h"
#include "i8_avx512.h"

#include "i8_table.inc.h"
#pragma clang attribute pop

#endif
