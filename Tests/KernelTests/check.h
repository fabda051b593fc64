// Cases of random shape on guarded memory, and the comparison of what was found with what was expected.
#pragma once

#include <stdbool.h>
#include <stddef.h>

/// Begins a case, described as by printf; the case before it ends, and its memory is taken back.
void begin(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// Ends the last case: looks whether anything was written before the floats of its memory.
void finish(void);

/// `count` floats that nobody has written to, just before a page that may not be touched.
float *blank(size_t count);

/// `count` floats of −1 … 1, likewise.
float *noise(size_t count);

/// `count` floats of `low` … `high`, likewise.
float *noise_between(size_t count, float low, float high);

/// A number of `low` … `high`.
size_t pick(size_t low, size_t high);

/// Whether something happens that happens once in `times`.
bool once_in(size_t times);

static inline size_t round_up(size_t x, size_t multiple) { return (x + multiple - 1) / multiple * multiple; }

/// A sum in double precision, the sum of its terms' absolute values, and their number.
struct sum {
    double value;
    double magnitude;
    size_t terms;
};

void add_term(struct sum *sum, double term);

/// min(max(sum, lower), upper)
void clamp_sum(struct sum *sum, float lower, float upper);

/// What float32 rounding may change of a sum, in whatever order it is made.
void expect_sum(float found, struct sum expected, size_t index);

void expect_near(float found, double expected, double tolerance, size_t index);

/// `count` floats that nobody may have written to, from `index` on of a memory that `blank` gave.
void expect_blank(const float *found, size_t index, size_t count);

void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// Names the table in messages, and the signals that its instructions may raise.
void watch(const char *table);

size_t case_count(void);
size_t comparison_count(void);
size_t failure_count(void);
