"""The server that martlet is compared with: FastAPI, Pillow and ONNX Runtime, as one would write it in an afternoon.

MODEL=resnet50.onnx SIDE=224 uvicorn app:app --workers 2
"""
import io
import os

import numpy
import onnxruntime
from fastapi import FastAPI, Request
from PIL import Image
from starlette.concurrency import run_in_threadpool

SIDE = int(os.environ.get("SIDE", "224"))
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1  # one worker for each core, so each worker needs one thread
session = onnxruntime.InferenceSession(os.environ["MODEL"], options)
name = session.get_inputs()[0].name
app = FastAPI()


def classify(body):
    photo = Image.open(io.BytesIO(body)).convert("RGB")
    crop = round(0.875 * min(photo.size))
    left, top = ((side - crop) // 2 for side in photo.size)
    pixels = photo.resize((SIDE, SIDE), Image.BICUBIC, (left, top, left + crop, top + crop))
    planes = numpy.asarray(pixels, numpy.float32).transpose(2, 0, 1)
    logits = session.run(None, {name: (planes[None] - 127) / 128})[0][0]
    best = numpy.argsort(logits)[-5:][::-1]
    return {"classes": [{"index": int(index), "logit": float(logits[index])} for index in best]}


@app.post("/classify")
async def answer(request: Request):
    return await run_in_threadpool(classify, await request.body())
