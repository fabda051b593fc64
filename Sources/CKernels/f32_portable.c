#include "f32_tables.h"

#define F32_ISA portable
#define F32_TILE_ROWS 6
#define F32_IGEMM_NAME "f32_igemm_6x8"

#include "f32_portable.h"

#include "f32_table.inc.h"
