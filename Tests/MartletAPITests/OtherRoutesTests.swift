import HTTPServer
import HTTPTypes
import Synchronization
import Testing

@testable import MartletAPI

@Suite("The routes that answer about the server")
struct OtherRoutesTests {
    let api = MartletAPI(.fake)

    @Test("GET /models gives every model without its layers")
    func models() async throws {
        let answer = try await api.answer("GET /models")
        #expect(
            answer == #"""
                200
                Content-Type: application/json

                {"models":[{"name":"lite","default":true,"versions":[{"version":"1","state":"ready"},\#
                {"version":"2","state":"failed","reason":"no weights"}],"version":"1","input":{"shape":[3,224,224]},"preprocessing":\#
                {"width":224,"height":224,"resize":"center_crop","interpolation":"bicubic","crop_fraction":0.875,"color_order":"RGB",\#
                "mean":[0.5,0.5,0.5],"standard_deviation":[0.25,0.25,0.25]},"classes":3,"embedding_layer":"global_pool",\#
                "parameters":4652008,"multiply_adds":385000000,"digest":"sha256:00ff","license":"Apache-2.0",\#
                "batching":{"max_batch":4,"max_delay_ms":0,"batches":10,"ms_per_image":2.5,"ms_per_batch":0.5}}]}

                """#)
    }

    @Test("POST /v2/repository/index lists every version as the Open Inference Protocol does")
    func repositoryIndex() async throws {
        let answer = try await api.answer("POST /v2/repository/index")
        #expect(
            answer == #"""
                200
                Content-Type: application/json

                [{"name":"lite","version":"1","state":"READY","reason":""},\#
                {"name":"lite","version":"2","state":"UNAVAILABLE","reason":"no weights"}]

                """#)
    }

    @Test("GET /metrics gives the queue's figures to Prometheus")
    func metrics() async throws {
        let answer = try await api.answer("GET /metrics")
        #expect(answer.contains("\n# TYPE martlet_queue_images gauge\nmartlet_queue_images{stage=\"waiting\"} 3\n"))
        #expect(answer.contains("\nmartlet_images_computed_total 41\n"))
        #expect(answer.contains("\nmartlet_cache_requests_total{result=\"hit\"} 5\n"))
    }

    @Test("Models are loaded and unloaded from the server's own machine only")
    func repositoryControl() async throws {
        for action in ["load", "unload"] {
            #expect(try await api.answer("POST /v2/repository/models/lite/\(action)").hasPrefix("403\n"))
        }
        let local = Request(
            head: HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/v2/repository/models/lite/load"),
            locality: .loopback)
        #expect(await api.respond(to: local).status == .ok)
    }

    @Test("GET /models/{model} adds the layers; the name may be percent-encoded")
    func model() async throws {
        let answer = try await api.answer("GET /models/l%69te")
        #expect(answer.hasPrefix("200\nContent-Type: application/json\n"))
        #expect(
            answer.hasSuffix(
                #"""
                ,"layers":[{"name":"stem","operation":"convolution 3×3","shape":[32,112,112]},\#
                {"name":"global_pool","operation":"global average pooling","shape":[2]}]}

                """#))
    }

    @Test("GET /models/{model} names the models there are where it does not find one")
    func unknownModel() async throws {
        let answer = try await api.answer("GET /models/a%2Fb")
        #expect(
            answer == #"""
                404
                Content-Type: application/problem+json

                {"type":"/problems/unknown-model","title":"There is no such model","status":404,\#
                "detail":"there is no model 'a/b'; available: lite","available":["lite"]}

                """#)
    }

    @Test("GET /health/live is always 200")
    func live() async throws {
        #expect(
            try await api.answer("GET /health/live") == """
                200
                Content-Type: application/json

                {"status":"live"}

                """)
    }

    /// A hop to another thread and back costs as much as the rest of the answer.
    @Test(
        "answers on the caller's thread where no image is involved",
        arguments: ["/health/live", "/health/ready", "/models", "/models/lite", "/", "/openapi.yaml", "/nothing"])
    func noSuspension(_ path: String) {
        let request = Request(head: HTTPRequest(method: .get, scheme: "http", authority: "a", path: path))
        let isAnswered = Atomic(false)
        Task.immediate {
            _ = await api.respond(to: request)
            isAnswered.store(true, ordering: .relaxed)
        }
        let answered = isAnswered.load(ordering: .relaxed)
        #expect(answered)
    }

    @Test("GET /health/ready is 200 until the server drains, then 503, while other routes still answer")
    func ready() async throws {
        #expect(try await api.answer("GET /health/ready").hasSuffix("{\"status\":\"ready\"}\n"))
        api.beginDraining()
        let answer = try await api.answer("GET /health/ready")
        #expect(
            answer.hasPrefix("503\nContent-Type: application/problem+json\n") && answer.contains("/problems/stopping"))
        #expect(try await api.response("POST /classify?top_k=1", body: jpeg("cat")).status == .ok)
    }

    @Test("GET /health/ready is 503 while the models are not loaded")
    func notReady() async throws {
        let api = MartletAPI(.failing(.stopping))
        let answer = try await api.answer("GET /health/ready")
        #expect(answer.hasPrefix("503\n") && answer.contains("/problems/not-ready"))
    }

    @Test("GET / lists every route, with a command line for the address the client used")
    func index() async throws {
        let answer = try await api.answer("GET /", authority: "[::1]:9000")
        #expect(answer.hasPrefix("200\nContent-Type: text/plain; charset=utf-8\n"))
        for route in api.router.routes where route.path.description != "/" {
            #expect(answer.contains("  \(route.method) \(route.path)"))
        }
        #expect(answer.contains("curl --data-binary @photo.jpg 'http://[::1]:9000/classify?top_k=3'"))
    }

    @Test("GET / does not repeat an address that could not be pasted into a shell")
    func hostileHost() async throws {
        let answer = try await api.answer("GET /", authority: "x';reboot;'")
        #expect(answer.contains("'http://localhost:8080/classify?top_k=3'") && !answer.contains("reboot"))
    }
}
