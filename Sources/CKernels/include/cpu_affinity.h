#pragma once

/// The number of cores that the calling thread may run on, at least 1.
int cpu_affinity_count(void);
