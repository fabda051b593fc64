// What visits every element once: sums, clamps, affine maps.

#include <math.h>
#include <string.h>

#include "check.h"
#include "tests.h"

static const float lower = -0.5f, upper = 0.75f;

/// A copy of `values`, or new memory.
static float *output_for(const float *values, size_t count, bool is_in_place) {
    float *output = blank(count);
    if (is_in_place) {
        memcpy(output, values, count * sizeof(float));
    }
    return output;
}

static void check_add(const struct f32_kernels *kernels, size_t count, bool is_in_place) {
    begin("add %zu, in place %d", count, is_in_place);
    const float *a = noise(count), *b = noise(count);
    float *output = output_for(a, count, is_in_place);
    kernels->add(is_in_place ? output : a, b, output, count, lower, upper);
    for (size_t i = 0; i < count; i++) {
        struct sum sum = {0};
        add_term(&sum, a[i]);
        add_term(&sum, b[i]);
        clamp_sum(&sum, lower, upper);
        expect_sum(output[i], sum, i);
    }
}

static void check_clamp(const struct f32_kernels *kernels, size_t count, bool is_in_place) {
    begin("clamp %zu, in place %d", count, is_in_place);
    float *input = noise(count);
    const size_t nan = pick(0, count - 1);
    input[nan] = NAN;
    float *output = output_for(input, count, is_in_place);
    kernels->clamp(is_in_place ? output : input, output, count, lower, upper);
    for (size_t i = 0; i < count; i++) {
        expect_near(output[i], i == nan ? (double)NAN : fmin(fmax(input[i], lower), upper), 0, i);
    }
}

static void check_affine(const struct f32_kernels *kernels, size_t channels, bool is_in_place) {
    const size_t pixels = pick(1, 4), count = pixels * channels;
    begin("affine %zu×%zu, in place %d", pixels, channels, is_in_place);
    const float *input = noise(count), *scale = noise(channels), *shift = noise(channels);
    float *output = output_for(input, count, is_in_place);
    kernels->affine(is_in_place ? output : input, scale, shift, output, pixels, channels, lower, upper);
    for (size_t i = 0; i < count; i++) {
        struct sum sum = {0};
        add_term(&sum, (double)input[i] * scale[i % channels]);
        add_term(&sum, shift[i % channels]);
        clamp_sum(&sum, lower, upper);
        expect_sum(output[i], sum, i);
    }
}

void test_elementwise(const struct f32_kernels *kernels) {
    for (size_t count = 1; count <= 70; count++) {
        for (int is_in_place = 0; is_in_place < 2; is_in_place++) {
            check_add(kernels, count, is_in_place);
            check_clamp(kernels, count, is_in_place);
            check_affine(kernels, count, is_in_place);
        }
    }
    begin("multiply_adds");
    // x ← x · 1/2 + 1/2 tends to 1, in each of the sums of a lane.
    const double sums = (double)(kernels->multiply_adds_per_iteration / kernels->lanes);
    expect_near(kernels->multiply_adds(100, 0.5f), sums, 1e-3, 0);
}
