extension RoutedRequest {
    /// The path parameter as a number from 1.
    func number<Number: FixedWidthInteger>(_ name: String) throws(Problem) -> Number {
        let text = pathParameters[name] ?? ""
        // Integers also take a plus sign.
        guard text.first != "+", let number = Number(text), number > 0 else {
            throw .invalidParameter(name, expected: "a whole number from 1", found: text)
        }
        return number
    }
}
