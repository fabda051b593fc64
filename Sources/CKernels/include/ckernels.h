#pragma once

#include "cpu_affinity.h"
#include "f32_kernels.h"
#include "f32_layout.h"
#include "spin.h"
