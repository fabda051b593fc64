// Checks every function of every kernel table that the processor offers, without Swift and so for any target of the
// compiler: test-kernels [TABLE…], where the tables that must be offered are named, and no other may be.
//
// Exits with 1 where a kernel is wrong, and with 2 where the tables are not those named.

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "tests.h"

static bool is_named(const char *name, int count, char **names) {
    for (int i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/// Whether the offered tables are those named.
static bool expect_tables(int count, char **names) {
    bool is_right = true;
    for (int i = 0; i < count; i++) {
        if (!f32_kernels_named(names[i])) {
            fprintf(stderr, "test-kernels: expected the table %s, which is not offered\n", names[i]);
            is_right = false;
        }
    }
    const char *name;
    for (size_t i = 0; (name = f32_kernels_name(i)); i++) {
        if (f32_kernels_named(name) && !is_named(name, count, names)) {
            fprintf(stderr, "test-kernels: the table %s is offered, which was not expected\n", name);
            is_right = false;
        }
    }
    return is_right;
}

static void test_table(const struct f32_kernels *kernels) {
    test_igemm(kernels);
    test_depthwise(kernels);
    test_depthwise_band(kernels);
    test_pooling(kernels);
    test_elementwise(kernels);
    test_functions(kernels);
    test_rows(kernels);
    test_winograd(kernels);
}

static void report(const char *what, size_t cases, size_t comparisons, size_t failures) {
    finish();
    printf("%-25s %6zu cases, %8zu numbers: %s\n", what, case_count() - cases, comparison_count() - comparisons,
           failure_count() == failures ? "passed" : "FAILED");
    fflush(stdout);
}

int main(int count, char **arguments) {
    if (count > 1 && !expect_tables(count - 1, arguments + 1)) {
        return 2;
    }
    const char *name;
    for (size_t i = 0; (name = f32_kernels_name(i)); i++) {
        const struct f32_kernels *kernels = f32_kernels_named(name);
        if (!kernels) {
            continue;
        }
        const size_t cases = case_count(), comparisons = comparison_count(), failures = failure_count();
        watch(name);
        test_table(kernels);
        report(name, cases, comparisons, failures);
    }
    const struct bf16_kernels *bfloat16 = bf16_kernels_available();
    if (bfloat16) {
        const size_t cases = case_count(), comparisons = comparison_count(), failures = failure_count();
        watch(bfloat16->name);
        test_bf16(bfloat16);
        report(bfloat16->name, cases, comparisons, failures);
    }
    for (size_t i = 0; (name = i8_kernels_name(i)); i++) {
        const struct i8_kernels *kernels = i8_kernels_named(name);
        if (!kernels) {
            continue;
        }
        const size_t cases = case_count(), comparisons = comparison_count(), failures = failure_count();
        watch(kernels->igemm_name);
        test_i8(kernels);
        report(kernels->igemm_name, cases, comparisons, failures);
    }
    const size_t cases = case_count(), comparisons = comparison_count(), failures = failure_count();
    watch("every table");
    test_layout();
    report("layout", cases, comparisons, failures);
    return failure_count() == 0 ? 0 : 1;
}
