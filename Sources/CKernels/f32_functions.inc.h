// Functions of one and of two numbers over arrays. Plain loops without branches, which the compiler turns into vectors
// of the instruction set; where a function of the C library is called, it stays scalar.

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline __attribute__((always_inline)) float f32_from_bits(int32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline __attribute__((always_inline)) int32_t f32_to_bits(float x) {
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/// e^x to about 1 ulp: 2^n · e^r with |r| ≤ ln 2 / 2, r in two parts (Cody and Waite, 1980), e^r by its Taylor
/// polynomial. Below −87.3 it is 0, above 88.7 infinite.
static inline __attribute__((always_inline)) float exponential(float x) {
    const float bounded = x < -87.3f ? -87.3f : x > 88.7f ? 88.7f : x;
    // Adding 1.5 · 2^23 rounds to a whole number, half to even.
    const float shifted = bounded * 1.44269504f + 12582912.0f;
    const float n = shifted - 12582912.0f;
    const float r = (bounded - n * 0.693359375f) - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    // In two factors: 2^128 alone is not a float.
    const int32_t exponent = (int32_t)n, half = exponent >> 1;
    const float result = p * f32_from_bits((half + 127) << 23) * f32_from_bits((exponent - half + 127) << 23);
    const float high = x > 88.7f ? INFINITY : result;
    const float low = x < -87.3f ? 0.0f : high;
    return x != x ? x : low;
}

static inline __attribute__((always_inline)) float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

/// By its Taylor polynomial near 0, where 1 − 2 / (e^2x + 1) would cancel.
static inline __attribute__((always_inline)) float hyperbolic_tangent(float x) {
    const float far = 1.0f - 2.0f / (exponential(2.0f * x) + 1.0f);
    const float s = x * x;
    const float near = x + x * s * (-0.333333333f + s * (0.133333333f + s * (-0.0539682540f + s * 0.0218694885f)));
    return (x < 0 ? -x : x) < 0.25f ? near : far;
}

/// e^x − 1, by its Taylor polynomial near 0, where the difference would cancel.
static inline __attribute__((always_inline)) float exponential_minus_1(float x) {
    const float near = x + x * x * (0.5f + x * (0.166666667f + x * (0.0416666667f + x * 0.00833333333f)));
    return (x < 0 ? -x : x) < 0.25f ? near : exponential(x) - 1.0f;
}

static inline __attribute__((always_inline)) float clamped(float x, float lower, float upper) {
    const float above = x > lower ? x : lower;
    return above < upper ? above : upper;
}

#define F32_MAP(expression)                                                                                            \
    for (size_t i = 0; i < count; i++) {                                                                               \
        const float x = input[i];                                                                                      \
        output[i] = (expression);                                                                                      \
    }                                                                                                                  \
    break

static void F32_KERNEL(unary)(enum f32_unary function, const float *p, const float *input, float *output,
                              size_t count) {
    const float a = p[0], b = p[1], lower = p[2], upper = p[3];
    switch (function) {
    case f32_sigmoid:
        F32_MAP(sigmoid(x));
    case f32_tanh:
        F32_MAP(hyperbolic_tangent(x));
    case f32_exp:
        F32_MAP(exponential(x));
    case f32_log:
        F32_MAP(logf(x));
    case f32_sqrt:
        F32_MAP(sqrtf(x));
    case f32_erf:
        F32_MAP(erff(x));
    case f32_negate:
        F32_MAP(-x);
    case f32_absolute:
        F32_MAP(fabsf(x));
    case f32_reciprocal:
        F32_MAP(1.0f / x);
    case f32_softplus:
        F32_MAP(x > 20.0f ? x : log1pf(expf(x)));
    case f32_softsign:
        F32_MAP(x / (1.0f + fabsf(x)));
    // tanh(log(1 + e^x)) = (n² + 2n) / (n² + 2n + 2) with n = e^x.
    case f32_mish:
        for (size_t i = 0; i < count; i++) {
            const float x = input[i];
            const float n = exponential(x > 20.0f ? 20.0f : x);
            output[i] = x * (n * n + 2.0f * n) / (n * n + 2.0f * n + 2.0f);
        }
        break;
    case f32_round:
        F32_MAP(rintf(x));
    case f32_floor:
        F32_MAP(floorf(x));
    case f32_ceil:
        F32_MAP(ceilf(x));
    case f32_silu:
        F32_MAP(x * sigmoid(x));
    case f32_hard_swish:
        F32_MAP(x * clamped(x * (1.0f / 6.0f) + 0.5f, 0.0f, 1.0f));
    case f32_hard_sigmoid:
        F32_MAP(clamped(a * x + b, 0.0f, 1.0f));
    case f32_leaky_relu:
        F32_MAP(x < 0.0f ? a * x : x);
    case f32_elu:
        F32_MAP(b * (x < 0.0f ? a * exponential_minus_1(x) : x));
    case f32_gelu:
        F32_MAP(0.5f * x * (1.0f + erff(x * 0.70710678f)));
    case f32_gelu_tanh:
        F32_MAP(0.5f * x * (1.0f + hyperbolic_tangent(0.79788456f * (x + 0.044715f * x * x * x))));
    case f32_quantize:
        F32_MAP(clamped(rintf(x / a) + b, lower, upper));
    case f32_round_to_grid:
        F32_MAP((clamped(rintf(x / a) + b, lower, upper) - b) * a);
    }
}

// Loops of their own for the steps that matter, so that they become vectors.
#define F32_PAIRS(expression)                                                                                          \
    if (a_step == 1 && b_step == 1) {                                                                                  \
        for (size_t i = 0; i < count; i++) {                                                                           \
            const float x = a[i], y = b[i];                                                                            \
            output[i] = (expression);                                                                                  \
        }                                                                                                              \
    } else if (a_step == 1 && b_step == 0) {                                                                           \
        const float y = b[0];                                                                                          \
        for (size_t i = 0; i < count; i++) {                                                                           \
            const float x = a[i];                                                                                      \
            output[i] = (expression);                                                                                  \
        }                                                                                                              \
    } else {                                                                                                           \
        for (size_t i = 0; i < count; i++) {                                                                           \
            const float x = a[i * a_step], y = b[i * b_step];                                                          \
            output[i] = (expression);                                                                                  \
        }                                                                                                              \
    }                                                                                                                  \
    break

static void F32_KERNEL(binary)(enum f32_binary function, const float *a, size_t a_step, const float *b, size_t b_step,
                               float *output, size_t count) {
    switch (function) {
    case f32_plus:
        F32_PAIRS(x + y);
    case f32_minus:
        F32_PAIRS(x - y);
    case f32_times:
        F32_PAIRS(x * y);
    case f32_over:
        F32_PAIRS(x / y);
    case f32_power:
        F32_PAIRS(powf(x, y));
    case f32_larger:
        F32_PAIRS(x > y || x != x ? x : y);
    case f32_smaller:
        F32_PAIRS(x < y || x != x ? x : y);
    case f32_prelu:
        F32_PAIRS(x < 0.0f ? x * y : x);
    }
}
