#pragma once

/// Tells the core that this is a spin loop: saves power and leaves the pipeline to the sibling thread.
static inline void spin_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}
