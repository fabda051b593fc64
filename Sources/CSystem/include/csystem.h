#pragma once

/// Makes the C library give memory back to the system, so that a server that once decoded large images does not keep
/// their memory for ever. Call once, at start. Without effect where the C library is not glibc.
void csystem_return_memory_early(void);

/// Gives the memory that is free now back to the system.
void csystem_return_memory(void);
