#ifndef CIMAGING_H
#define CIMAGING_H

#include <spng.h>
#include <turbojpeg.h>
#include <webp/decode.h>

#include "pixels.h"
#include "resample.h"

#endif
