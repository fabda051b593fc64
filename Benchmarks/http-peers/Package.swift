// swift-tools-version: 6.2
import PackageDescription

// What the HTTP server is measured beside; a package of its own, so that the server is built without it.
let package = Package(
    name: "http-peers",
    dependencies: [.package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1")],
    targets: [
        // Its closures run on queues, and none on the main actor.
        .executableTarget(name: "bare", swiftSettings: [.swiftLanguageMode(.v5)]),
        .executableTarget(
            name: "hummingbird", dependencies: [.product(name: "Hummingbird", package: "hummingbird")]),
    ],
    swiftLanguageModes: [.v6]
)
