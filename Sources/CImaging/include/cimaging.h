#ifndef CIMAGING_H
#define CIMAGING_H

#include <spng.h>
#include <webp/decode.h>

#include "jpeg.h"
#include "pixels.h"
#include "resample.h"

#endif
