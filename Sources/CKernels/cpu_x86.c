#if defined(__x86_64__)

#include "cpu_x86.h"

#include <cpuid.h>
#include <stdint.h>

// Intel SDM volume 1, 13.3: what XGETBV(0) says the operating system saves.
enum { xcr0_avx = 0x6, xcr0_avx512 = 0xe6 };

static bool system_saves(uint32_t state) {
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE)) {
        return false;
    }
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & state) == state;
}

bool cpu_has_avx2(void) {
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_FMA) || !(c & bit_AVX)) {
        return false;
    }
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_AVX2) && system_saves(xcr0_avx);
}

bool cpu_has_avx512(void) {
    uint32_t a, b, c, d;
    const uint32_t needed = bit_AVX512F | bit_AVX512VL | bit_AVX512DQ | bit_AVX512BW;
    return cpu_has_avx2() && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & needed) == needed &&
           system_saves(xcr0_avx512);
}

bool cpu_has_avx512_bf16(void) {
    // Intel SDM volume 2, CPUID: leaf 7, subleaf 1, EAX bit 5; AMD alike.
    uint32_t a, b, c, d;
    return cpu_has_avx512() && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & 1 << 5);
}

bool cpu_has_avx512_vnni(void) {
    uint32_t a, b, c, d;
    return cpu_has_avx512() && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (c & bit_AVX512VNNI);
}

#endif
