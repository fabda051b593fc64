#pragma once

#include "bf16_kernels.h"
#include "cpu_affinity.h"
#include "f32_kernels.h"
#include "f32_layout.h"
#include "i8_kernels.h"
#include "i8_layout.h"
#include "spin.h"
