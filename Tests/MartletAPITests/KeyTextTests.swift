import Foundation
import Service
import Testing

@testable import MartletAPI

struct KeyTextTests {
    static let example = "martlet_ab12cd34_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq"

    @Test func `A new key is what scanners for leaked secrets look for`() {
        for _ in 0..<100 {
            #expect(KeyText.random().text.wholeMatch(of: /martlet_[a-z0-9]{8}_[A-Za-z0-9]{43}/) != nil)
        }
        #expect(Set((0..<1000).map { _ in KeyText.random().text }).count == 1000)
    }

    @Test func `Every letter and digit comes up in secrets about equally often`() {
        var counts: [Character: Int] = [:]
        for _ in 0..<2000 { for letter in KeyText.random().secret { counts[letter, default: 0] += 1 } }
        #expect(counts.count == 62)
        // 86,000 draws of 62: the mean is 1387 and its standard deviation 37; seven of them.
        #expect(counts.values.allSatisfy { abs($0 - 1387) < 259 }, "\(counts)")
    }

    /// printf ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq | sha256sum
    @Test func `What is stored is the SHA-256 of the secret alone`() throws {
        let key = try #require(KeyText(Self.example))
        #expect(key.id == "ab12cd34" && key.text == Self.example)
        let digest = try #require(
            ContentDigest(hexadecimal: "769e8d95aa246a02d94d48c42fb7183e531c85c41d5b3456ddb90011712d8bd7"))
        #expect(key.digest == digest && key.hasDigest(digest))
    }

    @Test func `Another digest is refused wherever it differs`() throws {
        let key = try #require(KeyText(Self.example))
        let right = try #require(key.digest).bytes
        for position in right.indices {
            var wrong = right
            wrong[position] ^= 1
            #expect(try !key.hasDigest(#require(ContentDigest(bytes: wrong))))
        }
    }

    @Test(arguments: [
        "", "martlet", "martlet_ab12cd34", "martlet__", String(example.dropLast()), example + "r", " " + example,
        example + "\n", example.replacing("martlet", with: "Martlet"), example.replacing("ab12", with: "ab1"),
        example.replacing("A", with: "-"), example.replacing("A", with: "é"), example.replacing("A", with: "\0"),
        "x" + example, example + "_",
    ])
    func `What is no key is none`(_ text: String) { #expect(KeyText(text) == nil) }
}
