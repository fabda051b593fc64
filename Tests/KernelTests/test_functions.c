// Functions of one and of two numbers, against the C library's in double precision.

#include <math.h>
#include <string.h>

#include "check.h"
#include "tests.h"

static const float parameters[] = {0.3f, 0.6f, -100, 90};

struct function {
    enum f32_unary kind;
    const char *name;
    float low, high;
    double (*reference)(double x);
};

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double negate(double x) { return -x; }
static double reciprocal(double x) { return 1 / x; }
static double softplus(double x) { return log1p(exp(x)); }
static double softsign(double x) { return x / (1 + fabs(x)); }
static double mish(double x) { return x * tanh(softplus(x)); }
static double silu(double x) { return x * sigmoid(x); }
static double hard_swish(double x) { return x * fmin(fmax(x / 6 + 0.5, 0), 1); }
static double hard_sigmoid(double x) { return fmin(fmax((double)parameters[0] * x + (double)parameters[1], 0), 1); }
static double leaky_relu(double x) { return x < 0 ? (double)parameters[0] * x : x; }
static double elu(double x) { return (double)parameters[1] * (x < 0 ? (double)parameters[0] * expm1(x) : x); }
static double gelu(double x) { return 0.5 * x * (1 + erf(x / sqrt(2))); }
static double gelu_tanh(double x) { return 0.5 * x * (1 + tanh(sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); }

/// The quotient is rounded in float32 before it becomes a whole number.
static double quantize(double x) {
    return fmin(fmax(rint((float)x / parameters[0]) + (double)parameters[1], (double)parameters[2]),
                (double)parameters[3]);
}

static double round_to_grid(double x) { return (quantize(x) - (double)parameters[1]) * (double)parameters[0]; }

static const struct function functions[] = {
    {f32_sigmoid, "sigmoid", -60, 60, sigmoid},
    {f32_tanh, "tanh", -12, 12, tanh},
    {f32_exp, "exp", -86, 88, exp},
    {f32_log, "log", 1e-6f, 1000, log},
    {f32_sqrt, "sqrt", 0, 1000, sqrt},
    {f32_erf, "erf", -5, 5, erf},
    {f32_negate, "negate", -9, 9, negate},
    {f32_absolute, "absolute", -9, 9, fabs},
    {f32_reciprocal, "reciprocal", 0.01f, 9, reciprocal},
    {f32_softplus, "softplus", -30, 40, softplus},
    {f32_softsign, "softsign", -30, 30, softsign},
    {f32_mish, "mish", -30, 40, mish},
    {f32_round, "round", -9, 9, rint},
    {f32_floor, "floor", -9, 9, floor},
    {f32_ceil, "ceil", -9, 9, ceil},
    {f32_silu, "silu", -60, 60, silu},
    {f32_hard_swish, "hard_swish", -9, 9, hard_swish},
    {f32_hard_sigmoid, "hard_sigmoid", -9, 9, hard_sigmoid},
    {f32_leaky_relu, "leaky_relu", -9, 9, leaky_relu},
    {f32_elu, "elu", -30, 30, elu},
    {f32_gelu, "gelu", -8, 8, gelu},
    {f32_gelu_tanh, "gelu_tanh", -8, 8, gelu_tanh},
    {f32_quantize, "quantize", -60, 60, quantize},
    {f32_round_to_grid, "round_to_grid", -60, 60, round_to_grid},
};

static void check_unary(const struct f32_kernels *kernels, const struct function *function, size_t count) {
    const bool is_in_place = once_in(2);
    begin("unary %s of %zu, in place %d", function->name, count, is_in_place);
    float *input = noise_between(count, function->low, function->high);
    // Zero, halves, which are rounded to even, and what overflows.
    static const float special[] = {0, 0.5f, 1.5f, -2.5f, 200, -200};
    if (function->low < special[3]) {
        input[pick(0, count - 1)] = special[pick(0, function->low < -10 ? 5 : 3)];
    }
    float *output = blank(count);
    if (is_in_place) {
        memcpy(output, input, count * sizeof(float));
    }
    kernels->unary(function->kind, parameters, is_in_place ? output : input, output, count);
    for (size_t i = 0; i < count; i++) {
        // Infinite beyond what float32 holds.
        const double expected = (float)function->reference(input[i]);
        // Where 1 + tanh(…) or the like cancels, the error goes with x.
        expect_near(output[i], expected, 5e-7 * fabs(expected) + 1.5e-7 * fmax(1, fabs((double)input[i])), i);
    }
}

static double larger(double x, double y) { return isnan(x) || isnan(y) ? (double)NAN : fmax(x, y); }
static double smaller(double x, double y) { return isnan(x) || isnan(y) ? (double)NAN : fmin(x, y); }
static double plus(double x, double y) { return x + y; }
static double minus(double x, double y) { return x - y; }
static double times(double x, double y) { return x * y; }
static double over(double x, double y) { return x / y; }
static double prelu(double x, double y) { return x < 0 ? x * y : x; }

static const struct {
    enum f32_binary kind;
    const char *name;
    double (*reference)(double x, double y);
} pairs[] = {
    {f32_plus, "plus", plus},          {f32_minus, "minus", minus}, {f32_times, "times", times},
    {f32_over, "over", over},          {f32_power, "power", pow},   {f32_larger, "larger", larger},
    {f32_smaller, "smaller", smaller}, {f32_prelu, "prelu", prelu},
};

static void check_binary(const struct f32_kernels *kernels, size_t index, size_t count) {
    static const size_t steps[][2] = {{1, 1}, {1, 0}, {0, 1}, {2, 1}};
    const size_t *step = steps[pick(0, 3)];
    begin("binary %s of %zu, steps %zu and %zu", pairs[index].name, count, step[0], step[1]);
    // A power of a negative number is none.
    const float low = pairs[index].kind == f32_power ? 0.1f : -3;
    const size_t a_count = (count - 1) * step[0] + 1, b_count = (count - 1) * step[1] + 1;
    float *a = noise_between(a_count, low, 3), *b = noise_between(b_count, -3, 3);
    if (pairs[index].kind == f32_larger || pairs[index].kind == f32_smaller) {
        a[pick(0, a_count - 1)] = NAN;
        b[pick(0, b_count - 1)] = NAN;
    }
    float *output = blank(count);
    kernels->binary(pairs[index].kind, a, step[0], b, step[1], output, count);
    for (size_t i = 0; i < count; i++) {
        const double expected = pairs[index].reference(a[i * step[0]], b[i * step[1]]);
        expect_near(output[i], expected, 1e-6 * fabs(expected), i);
    }
}

void test_functions(const struct f32_kernels *kernels) {
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        for (size_t count = 1; count <= 40; count++) {
            check_unary(kernels, functions + i, count);
        }
        check_unary(kernels, functions + i, 1000);
    }
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        for (size_t count = 1; count <= 40; count++) {
            check_binary(kernels, i, count);
        }
    }
}
