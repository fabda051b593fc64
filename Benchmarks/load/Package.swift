// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the server is built without it.
let package = Package(
    name: "load",
    products: [.executable(name: "load", targets: ["load"])],
    dependencies: [.package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")],
    targets: [
        .executableTarget(
            name: "load", dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")])
    ],
    swiftLanguageModes: [.v6]
)
