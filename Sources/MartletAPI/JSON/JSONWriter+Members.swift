extension JSONWriter {
    mutating func member(_ name: String, _ value: String) {
        self.name(name)
        string(value)
    }

    mutating func member(_ name: String, _ value: Int) {
        self.name(name)
        integer(value)
    }

    mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    mutating func member(_ name: String, _ value: Float) {
        self.name(name)
        number(value)
    }

    mutating func member(_ name: String, _ value: Double) {
        self.name(name)
        number(value)
    }

    mutating func member(_ name: String, _ values: [Float]) {
        self.name(name)
        numbers(values)
    }

    mutating func member(_ name: String, _ values: [Int]) {
        self.name(name)
        array { writer in
            for value in values { writer.integer(value) }
        }
    }

    mutating func member(_ name: String, _ values: [String]) {
        self.name(name)
        array { writer in
            for value in values { writer.string(value) }
        }
    }
}
