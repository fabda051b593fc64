// Vectors of 8 floats in AVX2 registers.
#pragma once

#include <immintrin.h>
#include <stddef.h>

#define F32_LANES 8

typedef __m256 f32v;

static inline f32v f32_broadcast(float x) { return _mm256_set1_ps(x); }

static inline f32v f32_load(const float *p) { return _mm256_loadu_ps(p); }

static inline void f32_store(float *p, f32v x) { _mm256_storeu_ps(p, x); }

static inline __m256i f32_first(size_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/// The first `n` floats, 1 … F32_LANES; zeros for the others.
static inline f32v f32_load_first(const float *p, size_t n) { return _mm256_maskload_ps(p, f32_first(n)); }

static inline void f32_store_first(float *p, f32v x, size_t n) { _mm256_maskstore_ps(p, f32_first(n), x); }

/// The sum of the lanes.
static inline float f32_sum(f32v x) {
    __m128 sum = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
    return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

static inline f32v f32_add(f32v a, f32v b) { return _mm256_add_ps(a, b); }

static inline f32v f32_subtract(f32v a, f32v b) { return _mm256_sub_ps(a, b); }

static inline f32v f32_divide(f32v a, f32v b) { return _mm256_div_ps(a, b); }

static inline f32v f32_multiply(f32v a, f32v b) { return _mm256_mul_ps(a, b); }

/// a · b + c
static inline f32v f32_multiply_add(f32v a, f32v b, f32v c) { return _mm256_fmadd_ps(a, b, c); }

/// a > b ? a : b
static inline f32v f32_maximum(f32v a, f32v b) { return _mm256_max_ps(a, b); }

/// a < b ? a : b
static inline f32v f32_minimum(f32v a, f32v b) { return _mm256_min_ps(a, b); }
