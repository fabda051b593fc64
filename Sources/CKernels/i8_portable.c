#include "i8_tables.h"

#define I8_ISA portable
#define I8_TILE_ROWS 4
#define I8_TILE_COLUMNS 8

#include "f32_portable.h"
#include "i8_portable.h"

#include "i8_table.inc.h"
