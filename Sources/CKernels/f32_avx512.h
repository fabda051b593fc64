// Vectors of 16 floats in AVX-512 registers.
#pragma once

#include <immintrin.h>
#include <stddef.h>

#define F32_LANES 16

typedef __m512 f32v;

static inline f32v f32_broadcast(float x) { return _mm512_set1_ps(x); }

static inline f32v f32_load(const float *p) { return _mm512_loadu_ps(p); }

static inline void f32_store(float *p, f32v x) { _mm512_storeu_ps(p, x); }

static inline __mmask16 f32_first(size_t n) { return (__mmask16)((1u << n) - 1); }

/// The first `n` floats, 1 … F32_LANES; zeros for the others.
static inline f32v f32_load_first(const float *p, size_t n) { return _mm512_maskz_loadu_ps(f32_first(n), p); }

static inline void f32_store_first(float *p, f32v x, size_t n) { _mm512_mask_storeu_ps(p, f32_first(n), x); }

/// The sum of the lanes.
static inline float f32_sum(f32v x) { return _mm512_reduce_add_ps(x); }

static inline f32v f32_add(f32v a, f32v b) { return _mm512_add_ps(a, b); }

static inline f32v f32_subtract(f32v a, f32v b) { return _mm512_sub_ps(a, b); }

static inline f32v f32_divide(f32v a, f32v b) { return _mm512_div_ps(a, b); }

static inline f32v f32_multiply(f32v a, f32v b) { return _mm512_mul_ps(a, b); }

/// a · b + c
static inline f32v f32_multiply_add(f32v a, f32v b, f32v c) { return _mm512_fmadd_ps(a, b, c); }

/// Half a vector, in half the time where a vector is computed by halves, as on Zen 4.
#define F32_HALVES 1

typedef __m256 f32h;

static inline f32h f32_first_half(f32v x) { return _mm512_castps512_ps256(x); }

/// The other lanes are undefined.
static inline f32v f32_from_half(f32h x) { return _mm512_castps256_ps512(x); }

static inline f32v f32_load_half(const float *p) { return f32_from_half(_mm256_loadu_ps(p)); }

static inline void f32_store_half(float *p, f32v x) { _mm256_storeu_ps(p, f32_first_half(x)); }

static inline f32h f32_multiply_add_half(f32h a, f32h b, f32h c) { return _mm256_fmadd_ps(a, b, c); }

/// The same, as something the compiler cannot make again: else it broadcasts a number twice, for a vector and for half
/// of one.
static inline f32v f32_in_register(f32v x) {
    __asm__("" : "+v"(x));
    return x;
}

/// a > b ? a : b
static inline f32v f32_maximum(f32v a, f32v b) { return _mm512_max_ps(a, b); }

/// a < b ? a : b
static inline f32v f32_minimum(f32v a, f32v b) { return _mm512_min_ps(a, b); }
