#define _GNU_SOURCE

#include "check.h"

#include <float.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    slot_count = 12,
    slot_bytes = 1 << 22,
    guard_floats = 64,
    most_failures = 20,
    text_bytes = 400,
};

// A NaN that no kernel computes.
static const uint32_t blank_bits = 0x7fc5a5a5;

struct slot {
    /// `slot_bytes`, then a guard page.
    char *memory;
    float *values;
};

static struct slot slots[slot_count];
static size_t used_slots;
static char text[text_bytes];
static const char *table_name = "";
static uint64_t random_state = 0x9e3779b97f4a7c15;
static size_t cases, comparisons, failures;

static void fill_blank(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        memcpy(values + i, &blank_bits, sizeof blank_bits);
    }
}

static bool is_blank(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits == blank_bits;
}

// What lies behind the memory may be read, not written, where the emulator of a processor asks for it: QEMU 7 reads all
// of a masked vector (MARTLET_GUARD_PAGES=readable).
static int guard_access(void) {
    const char *wish = getenv("MARTLET_GUARD_PAGES");
    return wish && strcmp(wish, "readable") == 0 ? PROT_READ : PROT_NONE;
}

static char *reserve(void) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *memory = mmap(NULL, slot_bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory + slot_bytes, page, guard_access()) != 0) {
        perror("test-kernels: memory with guard pages");
        exit(2);
    }
    return memory;
}

float *blank(size_t count) {
    if (used_slots == slot_count || (count + guard_floats) * sizeof(float) > slot_bytes) {
        fprintf(stderr, "test-kernels: %s: no room for %zu floats\n", text, count);
        exit(2);
    }
    struct slot *slot = slots + used_slots++;
    if (!slot->memory) {
        slot->memory = reserve();
    }
    slot->values = (float *)(void *)(slot->memory + slot_bytes) - count;
    fill_blank(slot->values - guard_floats, guard_floats + count);
    return slot->values;
}

// xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016.
static uint32_t random_bits(void) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)((random_state * 0x2545f4914f6cdd1d) >> 32);
}

float *noise_between(size_t count, float low, float high) {
    float *values = blank(count);
    for (size_t i = 0; i < count; i++) {
        values[i] = low + (high - low) * (float)(random_bits() >> 8) * 0x1p-24f;
    }
    return values;
}

float *noise(size_t count) { return noise_between(count, -1, 1); }

size_t pick(size_t low, size_t high) { return low + random_bits() % (high - low + 1); }

bool once_in(size_t times) { return random_bits() % times == 0; }

void finish(void) {
    for (size_t i = 0; i < used_slots; i++) {
        for (size_t before = 1; before <= guard_floats; before++) {
            if (!is_blank(slots[i].values[-(ptrdiff_t)before])) {
                fail("memory %zu: written %zu floats before its start", i, before);
                break;
            }
        }
    }
    used_slots = 0;
}

void begin(const char *format, ...) {
    finish();
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    cases++;
}

void fail(const char *format, ...) {
    fprintf(stderr, "test-kernels: %s: %s: ", table_name, text);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    if (++failures == most_failures) {
        fprintf(stderr, "test-kernels: stopped after %d failures\n", most_failures);
        exit(1);
    }
}

void add_term(struct sum *sum, double term) {
    sum->value += term;
    sum->magnitude += fabs(term);
    sum->terms++;
}

void clamp_sum(struct sum *sum, float lower, float upper) { sum->value = fmin(fmax(sum->value, lower), upper); }

void expect_sum(float found, struct sum expected, size_t index) {
    expect_near(found, expected.value, (double)(expected.terms + 2) * FLT_EPSILON * expected.magnitude + 1e-30, index);
}

void expect_near(float found, double expected, double tolerance, size_t index) {
    comparisons++;
    if (is_blank(found)) {
        fail("element %zu was not written", index);
    } else if (isnan(expected) ? !isnan(found)
                               : !((double)found == expected || fabs((double)found - expected) <= tolerance)) {
        fail("element %zu is %.9g, not %.9g ± %.2g", index, (double)found, expected, tolerance);
    }
}

void expect_blank(const float *found, size_t index, size_t count) {
    comparisons += count;
    for (size_t i = index; i < index + count; i++) {
        if (!is_blank(found[i])) {
            fail("element %zu was written, which is not the kernel's", i);
        }
    }
}

// Only what may be called in a signal handler.
static void on_signal(int number) {
    const char *cause = number == SIGILL    ? "an instruction that this processor lacks"
                        : number == SIGSEGV ? "memory beyond what the kernel was given"
                                            : "a fault";
    const char *const parts[] = {"test-kernels: ", table_name, ": ", text, ": ", cause, "\n"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (write(STDERR_FILENO, parts[i], strlen(parts[i])) < 0) {
            break;
        }
    }
    _exit(1);
}

void watch(const char *table) {
    table_name = table;
    signal(SIGILL, on_signal);
    signal(SIGSEGV, on_signal);
    signal(SIGBUS, on_signal);
    signal(SIGFPE, on_signal);
}

size_t case_count(void) { return cases; }
size_t comparison_count(void) { return comparisons; }
size_t failure_count(void) { return failures; }
