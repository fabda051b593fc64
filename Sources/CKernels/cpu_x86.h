#pragma once

#include <stdbool.h>

/// AVX2 and FMA, with the 256-bit registers saved by the operating system.
bool cpu_has_avx2(void);

/// AVX-512 F, VL, DQ and BW, with the 512-bit and mask registers saved by the operating system.
bool cpu_has_avx512(void);

bool cpu_has_avx512_bf16(void);

bool cpu_has_avx512_vnni(void);
