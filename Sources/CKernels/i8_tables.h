#pragma once

#include "i8_kernels.h"

#if defined(__x86_64__)
extern const struct i8_kernels i8_kernels__avx512vnni;
extern const struct i8_kernels i8_kernels__avx2;
#endif
extern const struct i8_kernels i8_kernels__portable;
