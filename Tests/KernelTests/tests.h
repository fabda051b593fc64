// Each compares functions of a table with plain loops in double precision.
#pragma once

#include "bf16_kernels.h"
#include "f32_kernels.h"
#include "i8_kernels.h"

void test_igemm(const struct f32_kernels *kernels);
void test_depthwise(const struct f32_kernels *kernels);
void test_depthwise_band(const struct f32_kernels *kernels);
void test_pooling(const struct f32_kernels *kernels);
void test_elementwise(const struct f32_kernels *kernels);
void test_functions(const struct f32_kernels *kernels);
void test_rows(const struct f32_kernels *kernels);
void test_winograd(const struct f32_kernels *kernels);
void test_bf16(const struct bf16_kernels *kernels);
void test_i8(const struct i8_kernels *kernels);

/// What no table holds: the layout of weights, and softmax.
void test_layout(void);
