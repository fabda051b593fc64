#pragma once

#include "f32_kernels.h"

#if defined(__x86_64__)
extern const struct f32_kernels f32_kernels__avx512;
extern const struct f32_kernels f32_kernels__avx2;
#endif
extern const struct f32_kernels f32_kernels__portable;
