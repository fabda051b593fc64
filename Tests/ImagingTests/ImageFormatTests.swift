import Testing

@testable import Imaging

struct ImageFormatTests {
    @Test func `the content decides the format`() throws {
        #expect(ImageFormat.detect(try Fixtures.bytes("420.jpg")) == .jpeg)
        #expect(ImageFormat.detect(try Fixtures.bytes("rgb8.png")) == .png)
        #expect(ImageFormat.detect(try Fixtures.bytes("lossy.webp")) == .webP)
        #expect(ImageFormat.detect(Array("RIFF\0\0\0\0WAVE".utf8)) == nil)
        #expect(ImageFormat.detect([0xFF, 0xD8]) == nil)
    }

    @Test(arguments: [
        ("GIF89a\u{1}\u{0}", "GIF"), ("BM\u{36}\u{0}", "BMP"), ("II*\0\u{8}\0", "TIFF"), ("MM\0*\0\0", "TIFF"),
        ("\0\0\0\u{1C}ftypavif\0", "AVIF"), ("\0\0\0\u{18}ftypheic\0", "HEIC"), ("\0\0\0\u{18}ftypmif1\0", "HEIF"),
        ("%PDF-1.7\n", "PDF"), ("PK\u{3}\u{4}\u{14}", "ZIP"), ("<?xml version=\"1.0\"?>\n<svg>", "SVG"),
        ("<!DOCTYPE html>\n<html>", "HTML"), ("{\"image\": 1}", "text"), ("hello", "text"),
        ("\u{0}\u{1}\u{2}", "unknown data"),
    ])
    func `other content is named in the error`(content: String, name: String) {
        let error = #expect(throws: ImageError.self) { try ImageDecoder().decode(Array(content.utf8)) }
        #expect(error == .unsupportedFormat(found: name))
        #expect(error?.description == "found \(name); JPEG, PNG and WebP are read")
    }
}
