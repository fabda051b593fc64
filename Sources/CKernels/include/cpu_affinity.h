#pragma once

#pragma clang assume_nonnull begin

/// The numbers of the processors that the calling thread may run on, `capacity` at most; returns how many. Where the
/// system does not say, all that are there.
int cpu_affinity(int *cpus, int capacity);

#pragma clang assume_nonnull end
