#include "f32_tables.h"

#define F32_ISA portable
#define F32_TILE_ROWS 6
#define F32_TILE_COLUMNS 8

#include "f32_portable.h"

#include "f32_table.inc.h"
