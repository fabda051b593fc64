-- For wrk: posts the file named by the environment variable IMG, followed by 16 bytes that no other request has
-- (decoders do not look behind the image). A server that computes identical images once would seem faster than it is.
--     IMG=photo.jpg wrk -t2 -c32 -d10s --latency -s unique.lua http://localhost:8080/classify

local threads = 0

-- Runs in wrk's first state, once for each of its threads.
function setup(thread)
   thread:set("number", threads)
   threads = threads + 1
end

function init(args)
   local path = assert(os.getenv("IMG"), "IMG: expected the path of an image")
   local file = assert(io.open(path, "rb"))
   image = file:read("*a")
   file:close()
   -- The server's cache may hold the answers of the run before.
   local random = assert(io.open("/dev/urandom", "rb"))
   local a, b, c = random:read(3):byte(1, 3)
   random:close()
   prefix = string.format("%02x%02x%02x%02x", number, a, b, c)
   count = 0
   wrk.method = "POST"
   wrk.headers["Content-Type"] = "image/jpeg"
end

function request()
   count = count + 1
   return wrk.format(nil, nil, nil, image .. prefix .. string.format("%08x", count))
end
