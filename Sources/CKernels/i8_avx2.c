#if defined(__x86_64__)

#include <immintrin.h>

#include "i8_tables.h"

// Four rows: sums and both halves of a row's bytes and of the weights fill the 16 registers.
#define I8_ISA avx2
#define I8_TILE_ROWS 4
#define I8_TILE_COLUMNS 16

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "f32_avx2.h"
#include "i8_avx2.h"

#include "i8_table.inc.h"
#pragma clang attribute pop

#endif
