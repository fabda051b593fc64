// swift-tools-version: 6.2
import PackageDescription

// Dependencies point one way: web (HTTPServer), pixels (Imaging) and numbers (Compute … Inference)
// know nothing of each other and meet only in Service. See docs/architecture.md.

/// Modules that parse bytes from outside mark every unsafe use.
let untrusted: [SwiftSetting] = [.strictMemorySafety()]

let package = Package(
    name: "martlet",
    products: [.executable(name: "martlet", targets: ["martlet"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Kernels are measured and tested as shipped: optimised in debug builds too.
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),
        // So is what hands them their tiles, thousands for an image.
        .target(name: "Compute", dependencies: ["CKernels"], swiftSettings: [.unsafeFlags(["-O"])]),
        .target(name: "Network", dependencies: ["Compute"]),
        // Fits take a hundred times as long unoptimised: no test of a job would end.
        .target(name: "Learning", dependencies: ["Compute"], swiftSettings: [.unsafeFlags(["-O"])]),
        .target(name: "CCrypto", linkerSettings: [.linkedLibrary("crypto")]),
        .target(name: "ModelFormats", dependencies: ["Network", "Compute", "CCrypto"], swiftSettings: untrusted),
        .target(
            name: "CImaging", cSettings: [.unsafeFlags(["-O3"])],
            linkerSettings: ["jpeg", "spng", "webp", "m"].map { .linkedLibrary($0) }),
        .target(name: "Imaging", dependencies: ["CImaging"], swiftSettings: untrusted),
        .target(name: "CArchive", linkerSettings: [.linkedLibrary("archive")]),
        .target(name: "Archives", dependencies: ["CArchive"], swiftSettings: untrusted),
        .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
        .target(name: "CTLS", linkerSettings: ["ssl", "crypto"].map { .linkedLibrary($0) }),
        .target(name: "CEpoll"),
        .target(
            name: "HTTPServer",
            dependencies: [
                "CCrypto", "CEpoll", "CTLS", "CZlib",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: untrusted),
        .target(
            name: "Inference",
            dependencies: [
                "Network", "ModelFormats", "Compute", .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "Service",
            dependencies: [
                "Inference", "Learning", "ModelFormats", "Network", "Compute", "Imaging", "CCrypto",
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(name: "Persistence", dependencies: ["Service", .product(name: "GRDB", package: "GRDB.swift")]),
        .target(
            name: "MartletAPI",
            dependencies: [
                "Service", "HTTPServer", "Archives", "CCrypto",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.embedInCode("openapi.yaml")],
            swiftSettings: untrusted),
        .executableTarget(
            name: "fit", dependencies: ["Learning", "Compute"], path: "Benchmarks/fit", exclude: ["compare"]),
        .executableTarget(name: "novelty", dependencies: ["Learning", "Compute"], path: "Benchmarks/novelty"),
        .target(name: "CSystem"),
        .target(name: "CSandbox", linkerSettings: [.linkedLibrary("seccomp")]),
        .target(name: "Sandbox", dependencies: ["CSandbox"]),
        .executableTarget(
            name: "martlet",
            dependencies: [
                "CSystem", "Sandbox", "MartletAPI", "HTTPServer", "Persistence", "Service", "Inference", "ModelFormats",
                "Network",
                "Compute", "Imaging",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(name: "ComputeTests", dependencies: ["Compute", "CKernels"]),
        .testTarget(name: "NetworkTests", dependencies: ["Network", "Compute"]),
        .testTarget(name: "LearningTests", dependencies: ["Learning", "Compute"]),
        .testTarget(name: "ModelFormatsTests", dependencies: ["ModelFormats", "Network", "Compute"]),
        .testTarget(name: "ArchivesTests", dependencies: ["Archives"]),
        .testTarget(name: "ImagingTests", dependencies: ["Imaging", "CImaging"]),
        .target(
            name: "CTLSClient", path: "Tests/CTLSClient", linkerSettings: ["ssl", "crypto"].map { .linkedLibrary($0) }),
        .target(name: "TestSupport", dependencies: ["CTLSClient"], path: "Tests/TestSupport"),
        .testTarget(name: "HTTPServerTests", dependencies: ["CEpoll", "HTTPServer", "TestSupport"]),
        // What scripts/compare-http-parsers asks how it understands requests.
        .executableTarget(
            name: "echo-server",
            dependencies: [
                "HTTPServer", .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ], path: "Tests/EchoServer"),
        .testTarget(name: "InferenceTests", dependencies: ["Inference", "Network", "ModelFormats", "Compute"]),
        .testTarget(
            name: "ServiceTests",
            dependencies: ["Service", "Persistence", "Inference", "Learning", "Imaging", "Compute"]),
        // Writes to a store until it is killed.
        .executableTarget(name: "store-writer", dependencies: ["Persistence", "Service"], path: "Tests/StoreWriter"),
        .testTarget(
            name: "PersistenceTests",
            dependencies: ["Persistence", "Service", "store-writer", .product(name: "GRDB", package: "GRDB.swift")]),
        .testTarget(
            name: "MartletAPITests",
            dependencies: [
                "MartletAPI", "Service", "Persistence", "HTTPServer", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        // Enters a sandbox, which its parent could not leave again.
        .executableTarget(name: "sandbox-probe", dependencies: ["Sandbox"], path: "Tests/SandboxProbe"),
        .testTarget(name: "SandboxTests", dependencies: ["CSandbox", "sandbox-probe"]),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "HTTPServer", "MartletAPI", "Service", "Imaging", "ModelFormats", "Network", "Compute",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ], path: "Fuzzing/FuzzTargets"),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets"]),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "martlet", "Service", "ModelFormats", "Compute", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// Built by scripts/fuzz, for it links with libFuzzer alone, whose main function it runs in.
if Context.environment["MARTLET_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzTargets"], path: "Fuzzing/fuzz",
            swiftSettings: [.unsafeFlags(["-parse-as-library"])]))
}
