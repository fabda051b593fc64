// Vectors of 4 floats in the compiler's own vector type: SSE2 on x86-64, NEON on arm64.
#pragma once

#include <stddef.h>
#include <string.h>

// One rule for every loop in the file: contract where the target has a fused multiply-add, and everywhere alike.
#pragma STDC FP_CONTRACT ON

#define F32_LANES 4

typedef float f32v __attribute__((vector_size(16)));
typedef int f32_mask __attribute__((vector_size(16)));

static inline f32v f32_broadcast(float x) { return (f32v){x, x, x, x}; }

static inline f32v f32_load(const float *p) {
    f32v x;
    memcpy(&x, p, sizeof x);
    return x;
}

static inline void f32_store(float *p, f32v x) { memcpy(p, &x, sizeof x); }

/// The first `n` floats, 1 … F32_LANES; zeros for the others.
static inline f32v f32_load_first(const float *p, size_t n) {
    f32v x = f32_broadcast(0);
    for (size_t i = 0; i < n; i++) {
        x[i] = p[i];
    }
    return x;
}

static inline void f32_store_first(float *p, f32v x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        p[i] = x[i];
    }
}

/// The sum of the lanes.
static inline float f32_sum(f32v x) { return (x[0] + x[2]) + (x[1] + x[3]); }

static inline f32v f32_add(f32v a, f32v b) { return a + b; }

static inline f32v f32_subtract(f32v a, f32v b) { return a - b; }

static inline f32v f32_divide(f32v a, f32v b) { return a / b; }

static inline f32v f32_multiply(f32v a, f32v b) { return a * b; }

/// a · b + c
static inline f32v f32_multiply_add(f32v a, f32v b, f32v c) { return a * b + c; }

static inline f32v f32_select(f32_mask condition, f32v a, f32v b) {
    return (f32v)(((f32_mask)a & condition) | ((f32_mask)b & ~condition));
}

/// a > b ? a : b
static inline f32v f32_maximum(f32v a, f32v b) { return f32_select(a > b, a, b); }

/// a < b ? a : b
static inline f32v f32_minimum(f32v a, f32v b) { return f32_select(a < b, a, b); }
